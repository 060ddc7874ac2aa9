package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.TestRouter;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CorsTest {
  private static final String APP = "https://app.example.com";

  @Test
  void anyOriginMayCallByDefaultWithoutCredentials() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      HttpResponse<String> answer = router.http().route("{\"cellID\":\"1\"}", "Origin", APP);
      assertEquals("*", header(answer, "Access-Control-Allow-Origin"));
      assertEquals("", header(answer, "Access-Control-Allow-Credentials"));
      assertTrue(header(answer, "Access-Control-Expose-Headers").contains("X-Cell"));
      assertEquals("", header(router.http().get("/health"), "Access-Control-Allow-Origin"));
    }
  }

  @Test
  void aListLetsItsOwnOriginsInAndVaries() throws Exception {
    try (TestRouter router =
        TestRouter.start(Map.of("CORS_ALLOWED_ORIGINS", APP + ", https://b.example.com"))) {
      HttpResponse<String> ours = router.http().get("/health", "Origin", APP);
      assertEquals(APP, header(ours, "Access-Control-Allow-Origin"));
      assertEquals("Origin", header(ours, "Vary"));
      HttpResponse<String> other = router.http().get("/health", "Origin", "https://evil.example");
      assertEquals("", header(other, "Access-Control-Allow-Origin"));
      assertEquals("Origin", header(other, "Vary"));
    }
  }

  @Test
  void answersPreflightsItselfAlsoWhereAKeyIsAskedFor() throws Exception {
    try (TestRouter router =
        TestRouter.start(
            Map.of("API_KEY_ENABLED", "true", "API_KEYS_JSON", "{\"key-12345\":\"a\"}"))) {
      HttpRequest preflight =
          router
              .http()
              .request("/api/route", "Origin", APP, "Access-Control-Request-Method", "POST")
              .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
              .build();
      HttpResponse<String> answer = router.http().send(preflight);
      assertEquals(204, answer.statusCode());
      assertTrue(header(answer, "Access-Control-Allow-Methods").contains("POST"));
      assertTrue(header(answer, "Access-Control-Allow-Headers").contains("X-API-Key"));
      // The refusal too must be readable by the page that caused it.
      assertEquals(
          "*", header(router.http().route("{}", "Origin", APP), "Access-Control-Allow-Origin"));
    }
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
