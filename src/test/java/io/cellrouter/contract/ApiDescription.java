package io.cellrouter.contract;

import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code openapi.yaml}, for tests to ask what it says. */
final class ApiDescription {
  /** Headers of single answers: wherever one is sent it must be described. */
  private static final Set<String> NOTABLE =
      Set.of(
          "x-request-id",
          "x-cell",
          "server-timing",
          "x-cell-attempts",
          "ratelimit",
          "ratelimit-policy",
          "retry-after",
          "www-authenticate",
          "allow",
          "etag",
          "content-security-policy");

  private final Map<String, Object> root;

  ApiDescription(Map<String, Object> root) {
    this.root = root;
  }

  static ApiDescription packaged() {
    try (InputStream in = ApiDescription.class.getResourceAsStream("/openapi.yaml")) {
      return new ApiDescription(JSON.builder(new YAMLFactory()).build().mapFrom(in.readAllBytes()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** An answer as it came; header names in lower case. */
  record Answer(int status, Map<String, String> headers, String body) {}

  Map<String, Object> root() {
    return root;
  }

  String overview() {
    return (String) object(root, "info").get("description");
  }

  /** Paths and their methods in capitals. */
  Map<String, Set<String>> operations() {
    Map<String, Set<String>> operations = new TreeMap<>();
    object(root, "paths")
        .forEach(
            (path, item) -> {
              Set<String> methods = new TreeSet<>();
              ((Map<?, ?>) item)
                  .keySet().stream()
                      .filter(member -> !member.equals("servers"))
                      .forEach(method -> methods.add(method.toString().toUpperCase(Locale.ROOT)));
              operations.put(path, methods);
            });
    return operations;
  }

  /** Whether a path is served by the management listener only: it names its server then. */
  boolean isManagement(String path) {
    return object(object(root, "paths"), path).containsKey("servers");
  }

  Map<String, Object> operation(String method, String path) {
    return object(object(object(root, "paths"), path), method.toLowerCase(Locale.ROOT));
  }

  /** All responses of an operation by status or range, references followed. */
  Map<String, Map<String, Object>> responses(String method, String path) {
    Map<String, Object> given = object(operation(method, path), "responses");
    Map<String, Map<String, Object>> responses = new LinkedHashMap<>();
    given.keySet().forEach(status -> responses.put(status, resolved(object(given, status))));
    return responses;
  }

  Map<String, Object> schema(String name) {
    return object(object(object(root, "components"), "schemas"), name);
  }

  /** The object itself, or what its {@code $ref} names. */
  Map<String, Object> resolved(Map<String, Object> object) {
    if (!(object.get("$ref") instanceof String reference)) {
      return object;
    }
    Map<String, Object> found = root;
    for (String step : reference.substring("#/".length()).split("/", -1)) {
      found = object(found, step);
    }
    return resolved(found);
  }

  /** Where an answer and its description differ; empty when they agree. */
  List<String> problems(String method, String path, Answer answer) {
    Map<String, Map<String, Object>> responses = responses(method, path);
    Map<String, Object> response =
        Optional.ofNullable(responses.get(Integer.toString(answer.status())))
            .orElse(responses.get(answer.status() / 100 + "XX"));
    if (response == null) {
      return List.of("status " + answer.status() + " is not described");
    }
    List<String> problems = new ArrayList<>(headerProblems(response, answer));
    String type = answer.headers().getOrDefault("content-type", "").split(";", -1)[0];
    Map<String, Object> content =
        response.containsKey("content") ? object(response, "content") : Map.of();
    if (type.isEmpty() && content.isEmpty()) {
      return problems;
    }
    if (!content.containsKey(type)) {
      problems.add("content type \"" + type + "\" is not described for " + answer.status());
      return problems;
    }
    problems.addAll(
        new Schema(this)
            .problems(value(type, answer.body()), object(object(content, type), "schema")));
    return problems;
  }

  private List<String> headerProblems(Map<String, Object> response, Answer answer) {
    List<String> problems = new ArrayList<>();
    Map<String, Object> described =
        response.containsKey("headers") ? object(response, "headers") : Map.of();
    Set<String> names = new TreeSet<>();
    described.forEach(
        (name, unused) -> {
          Map<String, Object> header = resolved(object(described, name));
          String key = name.toLowerCase(Locale.ROOT);
          names.add(key);
          String value = answer.headers().get(key);
          if (value == null) {
            if (Boolean.TRUE.equals(header.get("required"))) {
              problems.add("header " + name + " is missing");
            }
          } else {
            new Schema(this)
                .problems(value, object(header, "schema"))
                .forEach(problem -> problems.add("header " + name + ": " + problem));
          }
        });
    answer.headers().keySet().stream()
        .filter(NOTABLE::contains)
        .filter(name -> !names.contains(name))
        .forEach(
            name -> problems.add("header " + name + " is not described for " + answer.status()));
    return problems;
  }

  private static Object value(String type, String body) {
    try {
      return type.endsWith("json") ? JSON.std.anyFrom(body) : body;
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + body, e);
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Map<String, Object> of, String member) {
    if (of.get(member) instanceof Map<?, ?> found) {
      return (Map<String, Object>) found;
    }
    throw new AssertionError(member + " is no object in " + of);
  }
}
