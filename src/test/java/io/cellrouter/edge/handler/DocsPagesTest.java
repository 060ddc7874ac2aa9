package io.cellrouter.edge.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocsPagesTest {
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");
  private static TestRouter router;

  @BeforeAll
  static void start() throws Exception {
    router = TestRouter.start();
  }

  @AfterAll
  static void stop() {
    router.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/docs, text/html; charset=utf-8",
    "/docs/swagger-init.js, text/javascript; charset=utf-8",
    "/docs/swagger-ui-bundle.js, text/javascript; charset=utf-8",
    "/docs/swagger-ui.css, text/css; charset=utf-8",
    "/docs/page.css, text/css; charset=utf-8",
    "/docs/icon.svg, image/svg+xml",
    "/redoc, text/html; charset=utf-8",
    "/redoc/redoc-init.js, text/javascript; charset=utf-8",
    "/redoc/redoc.standalone.js, text/javascript; charset=utf-8",
    "/openapi.json, application/json"
  })
  void servesEachFileWithItsType(String path, String type) {
    HttpResponse<String> response = router.http().get(path);

    assertEquals(200, response.statusCode());
    assertEquals(type, response.headers().firstValue("Content-Type").orElse(""));
    assertEquals("no-cache", response.headers().firstValue("Cache-Control").orElse(""));
    assertEquals("nosniff", response.headers().firstValue("X-Content-Type-Options").orElse(""));
    assertFalse(response.body().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/docs/",
        "/docs/swagger.html",
        "/docs/index.html",
        "/docs/swagger-ui.js",
        "/docs/../build.properties",
        "/docs/%2e%2e/build.properties",
        "/docs/..%2fbuild.properties",
        "/docs//swagger-ui.css",
        "/docs/swagger-ui.css/",
        "/docs/swagger-ui.css%00",
        "/redoc/../docs/swagger-ui.css",
        "/openapi.yaml",
        "/META-INF/maven/org.webjars/swagger-ui/pom.properties"
      })
  void servesNothingThatIsNotListed(String path) throws Exception {
    try (Wire wire = Wire.connect(router.port())) {
      wire.send("GET " + path + " HTTP/1.1\nHost: test\n\n");
      assertEquals(404, wire.answer().status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/docs", "/redoc"})
  void allowsNoInlineScriptAndNoOtherHost(String path) {
    HttpResponse<String> response = router.http().get(path);
    String policy = response.headers().firstValue("Content-Security-Policy").orElse("");

    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertFalse(policy.contains("http"), policy);
    assertFalse(policy.contains("*"), policy);
    assertFalse(response.body().contains("<script>"), response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/docs", "/redoc"})
  void linksToWhatIsThere(String path) {
    Set<String> links =
        LINK.matcher(router.http().get(path).body())
            .results()
            .map((MatchResult link) -> link.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(path.equals("/docs") ? 6 : 5, links.size(), links::toString);
    for (String link : links) {
      assertFalse(link.startsWith("/"), link + " breaks behind a path prefix");
      assertEquals(200, router.http().get("/" + link).statusCode(), link);
    }
  }

  @ParameterizedTest
  @CsvSource({"%s, 304", "W/%s, 304", "'\"other\", %s', 304", "*, 304", "\"other\", 200"})
  void answersThatNothingChanged(String condition, int status) {
    String tag = router.http().get("/docs").headers().firstValue("ETag").orElseThrow();

    HttpResponse<String> response =
        router.http().get("/docs", "If-None-Match", condition.formatted(tag));

    assertEquals(status, response.statusCode());
    assertEquals(status == 304, response.body().isEmpty());
    assertEquals(tag, response.headers().firstValue("ETag").orElse(""));
  }

  @Test
  void answersHeadWithTheLengthAndNoBody() {
    HttpResponse<String> response =
        router
            .http()
            .send(
                router
                    .http()
                    .request("/docs/swagger-ui-bundle.js")
                    .method("HEAD", BodyPublishers.noBody())
                    .build());

    assertEquals(200, response.statusCode());
    assertTrue(response.headers().firstValueAsLong("Content-Length").orElse(0) > 1_000_000);
    assertEquals("", response.body());
  }

  @Test
  void leavesNoAddressOfALogoInRedoc() {
    String script = router.http().get("/redoc/redoc.standalone.js").body();

    assertFalse(script.contains("cdn.redoc.ly"));
    assertTrue(script.contains("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"));
  }

  @Test
  void readsNothingBeforeItIsAskedForAndThenOnceForAll() {
    AtomicInteger reads = new AtomicInteger();
    Asset asset =
        new Asset(
            "text/plain",
            () -> {
              reads.incrementAndGet();
              return new byte[] {'x'};
            });
    assertEquals(0, reads.get());

    byte[] first = asset.bytes();
    byte[] second = asset.bytes();

    assertSame(first, second);
    assertEquals(1, reads.get());
  }

  @Test
  void failsWhenThereIsNothingToExchange() {
    AssetSource source = () -> "some text".getBytes(StandardCharsets.UTF_8);

    assertThrows(IOException.class, () -> new AssetPatched(source, "logo", "").read());
  }
}
