package io.cellrouter.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.lifecycle.EndpointPaths;
import io.cellrouter.support.Http;
import io.cellrouter.support.TestRouter;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The description against the code: routes, reasons, statuses, and its own examples. */
class ApiDescriptionTest {
  private final ApiDescription api = ApiDescription.packaged();

  @Test
  void describesEveryPathAndNoOther() throws Exception {
    EndpointPaths paths = EndpointPaths.read();
    Set<String> served =
        paths.forClients().stream()
            .filter(path -> !path.startsWith("/docs/") && !path.startsWith("/redoc/"))
            .collect(Collectors.toSet());
    Set<String> management = new TreeSet<>(paths.management());
    management.removeAll(served);

    assertEquals(
        management,
        api.operations().keySet().stream().filter(api::isManagement).collect(Collectors.toSet()));
    served.addAll(management);
    assertEquals(served, api.operations().keySet());
  }

  @Test
  void describesEveryMethodAndNoOther() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      api.operations()
          .forEach(
              (path, methods) -> {
                Http http = api.isManagement(path) ? router.management() : router.http();
                String allow =
                    http.send(
                            http.request(path)
                                .method(
                                    "OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody())
                                .build())
                        .headers()
                        .firstValue("Allow")
                        .orElse("");
                Set<String> served = new TreeSet<>(List.of(allow.split(", ", -1)));
                served.removeAll(Set.of("HEAD", "OPTIONS")); // Said of all paths in the overview.
                assertEquals(served, methods, path);
              });
    }
  }

  @Test
  void namesEveryManagementPathInTheOverview() throws Exception {
    for (String path : EndpointPaths.read().management()) {
      assertTrue(api.overview().contains("`" + path), path);
    }
  }

  @Test
  void listsEveryReason() {
    assertEquals(
        Arrays.stream(Reason.values()).map(Reason::code).toList(),
        api.schema("Reason").get("enum"));
  }

  @Test
  void explainsEveryReasonUnderItsStatus() {
    for (Reason reason : Reason.values()) {
      List<String> explanations = new ArrayList<>();
      for (Map<String, Map<String, Object>> responses :
          List.of(
              api.responses("POST", "/api/route"),
              api.responses("GET", "/ready"),
              api.responses("POST", "/cells"))) {
        Map<String, Object> response = responses.get(Integer.toString(reason.status()));
        if (response != null) {
          explanations.add(String.valueOf(response.get("description")));
        }
      }
      assertTrue(
          explanations.stream().anyMatch(text -> text.contains("`" + reason.code() + "`")),
          reason.code() + " is not under " + reason.status() + ": " + explanations);
    }
  }

  @Test
  void givesEveryProblemItsProblemType() {
    for (Map.Entry<String, Set<String>> operation : api.operations().entrySet()) {
      for (String method : operation.getValue()) {
        api.responses(method, operation.getKey())
            .forEach(
                (status, response) -> {
                  if (status.matches("[45]\\d\\d")) {
                    assertTrue(
                        ApiDescription.object(response, "content")
                            .containsKey("application/problem+json"),
                        method + " " + operation.getKey() + " " + status);
                  }
                });
      }
    }
  }

  @Test
  void givesExamplesThatAreValid() {
    int checked = 0;
    for (Map.Entry<String, Set<String>> operation : api.operations().entrySet()) {
      for (String method : operation.getValue()) {
        List<Map<String, Object>> bodies =
            new ArrayList<>(api.responses(method, operation.getKey()).values());
        if (method.equals("POST")) {
          bodies.add(
              ApiDescription.object(api.operation(method, operation.getKey()), "requestBody"));
        }
        for (Map<String, Object> body : bodies) {
          checked += checkExamples(body);
        }
      }
    }
    assertTrue(checked > 20, "only " + checked + " examples were found");
  }

  private int checkExamples(Map<String, Object> body) {
    int checked = 0;
    Map<String, Object> content =
        body.containsKey("content") ? ApiDescription.object(body, "content") : Map.of();
    for (String type : content.keySet()) {
      Map<String, Object> media = ApiDescription.object(content, type);
      List<Object> examples = new ArrayList<>();
      if (media.containsKey("example")) {
        examples.add(media.get("example"));
      }
      if (media.containsKey("examples")) {
        Map<String, Object> named = ApiDescription.object(media, "examples");
        named
            .keySet()
            .forEach(name -> examples.add(ApiDescription.object(named, name).get("value")));
      }
      for (Object example : examples) {
        assertEquals(
            List.of(),
            new Schema(api).problems(example, ApiDescription.object(media, "schema")),
            () -> "example " + example);
        checked++;
      }
    }
    return checked;
  }

  @Test
  void givesExamplesOfProblemsUnderTheirOwnReasonAndStatus() {
    for (String path : List.of("/api/route", "/cells")) {
      api.responses("POST", path).forEach(ApiDescriptionTest::examplesAreOf);
    }
  }

  private static void examplesAreOf(String status, Map<String, Object> response) {
    Map<String, Object> content = ApiDescription.object(response, "content");
    if (!content.containsKey("application/problem+json")) {
      return;
    }
    Map<String, Object> problem = ApiDescription.object(content, "application/problem+json");
    if (!problem.containsKey("examples")) {
      return; // Said of all paths alike.
    }
    Map<String, Object> examples = ApiDescription.object(problem, "examples");
    for (String name : examples.keySet()) {
      Map<String, Object> value =
          ApiDescription.object(ApiDescription.object(examples, name), "value");
      assertEquals(name, value.get("reason"));
      assertEquals(status, String.valueOf(value.get("status")));
      assertEquals(
          status,
          String.valueOf(
              Arrays.stream(Reason.values())
                  .filter(reason -> reason.code().equals(name))
                  .findFirst()
                  .orElseThrow()
                  .status()));
    }
  }

  @Test
  void isServedAsItStandsWithTheVersionOfTheBuild() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      Map<String, Object> served = JSON.std.mapFrom(router.http().get("/openapi.json").body());

      assertEquals(
          BuildInfo.load().version(), ApiDescription.object(served, "info").get("version"));
      ApiDescription.object(api.root(), "info").put("version", BuildInfo.load().version());
      assertEquals(api.root(), served);
    }
  }
}
