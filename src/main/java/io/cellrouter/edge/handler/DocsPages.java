package io.cellrouter.edge.handler;

import io.cellrouter.edge.Routes;
import io.cellrouter.telemetry.BuildInfo;

/**
 * {@code /docs} (Swagger UI), {@code /redoc} and {@code /openapi.json} with all they load. Every
 * file has a route of its own, so that this list is all there is to be had: no part of a path is
 * ever looked up. Nothing is read before it is asked for.
 *
 * <p>The pages link relatively, so that they also work behind a path prefix.
 */
public final class DocsPages {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  /** What both pages may do; each adds what it cannot do without. */
  private static final String BASE_POLICY =
      "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'; ";

  /** Icons in its style sheet are data: images. It sets styles by script only. */
  private static final String SWAGGER_POLICY =
      BASE_POLICY + "style-src 'self'; img-src 'self' data:";

  /**
   * Its search runs in a worker made from a blob. Of its style elements one is fixed (the second
   * hash, of perfect-scrollbar's rules); the others are empty when they are made (the hash of
   * nothing) and filled by script. The browser test tells when an update changes that.
   */
  private static final String REDOC_POLICY =
      BASE_POLICY
          + "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
          + " 'sha256-DLDPR1ic47WIdK2WyeLkblb/tm2mQH+Jt/NNhZWu1k0=';"
          + " worker-src blob:; img-src 'self' data:";

  /** Redoc shows its maker's logo from their server, and no option turns that off. */
  private static final String REDOC_LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg";

  private static final String NO_LOGO =
      "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

  private final BuildInfo build;

  public DocsPages(BuildInfo build) {
    this.build = build;
  }

  /** Adds the paths of the API description. */
  public Routes.Builder addTo(Routes.Builder routes) {
    return routes
        .get("/docs", new Asset(HTML, SWAGGER_POLICY, own("swagger.html")))
        .get("/docs/swagger-init.js", new Asset(SCRIPT, own("swagger-init.js")))
        .get("/docs/swagger-ui.css", new Asset(STYLE, swagger("swagger-ui.css")))
        .get("/docs/swagger-ui-bundle.js", new Asset(SCRIPT, swagger("swagger-ui-bundle.js")))
        .get("/docs/page.css", new Asset(STYLE, own("page.css")))
        .get("/docs/icon.svg", new Asset("image/svg+xml", own("icon.svg")))
        .get("/redoc", new Asset(HTML, REDOC_POLICY, own("redoc.html")))
        .get("/redoc/redoc-init.js", new Asset(SCRIPT, own("redoc-init.js")))
        .get("/redoc/redoc.standalone.js", new Asset(SCRIPT, redoc()))
        .get("/openapi.json", new Asset("application/json", new OpenApiDocument(build)));
  }

  private static AssetSource own(String file) {
    return new AssetFile("/docs/" + file);
  }

  private static AssetSource swagger(String file) {
    return new AssetWebJar("org.webjars", "swagger-ui", file);
  }

  private static AssetSource redoc() {
    return new AssetPatched(
        new AssetWebJar("org.webjars.npm", "redoc", "bundles/redoc.standalone.js"),
        REDOC_LOGO,
        NO_LOGO);
  }
}
