package io.cellrouter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** API_KEYS_FILE as Kubernetes mounts a Secret: a symbolic link to a folder that is swapped. */
class KeyReloadTest {
  private static final String BODY = "{\"cellID\":\"1\"}";

  @TempDir Path mount;

  @Test
  void followsTheSwappedSymlinkAndKeepsGoodKeysOverBadOnes() throws Exception {
    version("v1", "{\"key-one-xx\":\"alice\"}");
    point("v1");
    Files.createSymbolicLink(mount.resolve("keys.json"), Path.of("..data/keys.json"));
    try (TestRouter router =
        TestRouter.start(
            Map.of(
                "API_KEY_ENABLED",
                "true",
                "API_KEYS_FILE",
                mount.resolve("keys.json").toString()))) {
      assertEquals(200, router.http().route(BODY, "X-API-Key", "key-one-xx").statusCode());
      assertEquals("alice", router.cell("1").received().getLast().header("X-Client-ID"));
      assertEquals(403, router.http().route(BODY, "X-API-Key", "key-two-xx").statusCode());

      version("v2", "{\"key-two-xx\":\"bob\"}");
      point("v2");
      Eventually.isTrue(
          () -> router.http().route(BODY, "X-API-Key", "key-two-xx").statusCode() == 200);
      assertEquals(403, router.http().route(BODY, "X-API-Key", "key-one-xx").statusCode());

      version("v3", "{\"key-three\": oops");
      point("v3");
      Eventually.isTrue(() -> metric(router, "{result=\"failure\",}") == 1);
      assertEquals(200, router.http().route(BODY, "X-API-Key", "key-two-xx").statusCode());

      Files.delete(mount.resolve("..data"));
      Eventually.isTrue(() -> metric(router, "{result=\"failure\",}") == 2);
      assertEquals(200, router.http().route(BODY, "X-API-Key", "key-two-xx").statusCode());
      assertEquals(1, metric(router, "{result=\"success\",}"));
      Eventually.isTrue(() -> router.log().contains("the previous keys stay in force"));
      for (String key : new String[] {"key-one-xx", "key-two-xx", "key-three"}) {
        assertFalse(router.log().contains(key));
      }
    }
  }

  @Test
  void asksForAKeyAndSaysHow() throws Exception {
    try (TestRouter router =
        TestRouter.start(
            Map.of("API_KEY_ENABLED", "true", "API_KEYS_JSON", "{\"the-key-1\":\"alice\"}"))) {
      var missing = router.http().route(BODY);
      assertEquals(401, missing.statusCode());
      assertEquals("ApiKey", missing.headers().firstValue("WWW-Authenticate").orElse(""));
      assertTrue(missing.body().contains("\"reason\":\"key_missing\""));
      assertEquals(401, router.http().route(BODY, "Authorization", "Bearer x").statusCode());
      assertEquals(
          200, router.http().route(BODY, "Authorization", "ApiKey the-key-1").statusCode());
      assertEquals(
          401,
          router.http().route(BODY, "X-API-Key", "the-key-1", "X-API-Key", "other").statusCode(),
          "two keys are no key");
      assertEquals(
          401,
          router
              .http()
              .route(BODY, "X-API-Key", "the-key-1", "Authorization", "ApiKey the-key-1")
              .statusCode(),
          "nor is one given twice over");
      assertEquals("{\"status\":\"ready\",\"auth_enabled\":true}", ready(router));
      assertEquals(1, router.received().size());
    }
  }

  @Test
  void withoutAnyKeysItIsNeverReady() throws Exception {
    try (TestRouter router = TestRouter.start(Map.of("API_KEY_ENABLED", "true"))) {
      Eventually.isTrue(
          () -> router.http().get("/ready").body().contains("\"reason\":\"auth_unconfigured\""));
      var refused = router.http().route(BODY, "X-API-Key", "x");
      assertEquals(503, refused.statusCode());
      assertTrue(refused.headers().firstValue("Retry-After").isPresent());
    }
  }

  private static String ready(TestRouter router) {
    Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
    return router.http().get("/ready").body();
  }

  private static long metric(TestRouter router, String labels) {
    return router
        .management()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("router_api_key_reloads_total" + labels))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private void version(String name, String json) throws Exception {
    Files.createDirectory(mount.resolve(name));
    Files.writeString(mount.resolve(name).resolve("keys.json"), json);
  }

  /** As the kubelet does it: a new link, renamed over the old one. */
  private void point(String name) throws Exception {
    Path fresh = mount.resolve("..data_tmp");
    Files.createSymbolicLink(fresh, Path.of(name));
    Files.move(
        fresh,
        mount.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
