package bench.gateway;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;

/** Routes {@code POST /api/route} by the body's {@code cellID}, one route for each cell. */
@SpringBootApplication
public class Gateway {

  public record RouteRequest(String cellID) {}

  public static void main(String[] args) {
    SpringApplication.run(Gateway.class, args);
  }

  @Bean
  RouteLocator cells(
      RouteLocatorBuilder builder,
      @Value("${NGINX_1_URL}") String first,
      @Value("${NGINX_2_URL}") String second,
      @Value("${NGINX_3_URL}") String third) {
    RouteLocatorBuilder.Builder routes = builder.routes();
    String[] urls = {first, second, third};
    for (int i = 0; i < urls.length; i++) {
      String id = Integer.toString(i + 1);
      String url = urls[i];
      // The body is read and parsed once: the ReadBody predicate caches it for the next routes.
      routes.route(
          "cell-" + id,
          r ->
              r.path("/api/route")
                  .and()
                  .readBody(RouteRequest.class, body -> id.equals(body.cellID()))
                  .filters(f -> f.setPath("/api"))
                  .uri(url));
    }
    return routes.build();
  }
}
