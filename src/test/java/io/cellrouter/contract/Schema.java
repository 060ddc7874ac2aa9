package io.cellrouter.contract;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks values against the part of JSON Schema that {@code openapi.yaml} uses; a keyword it does
 * not know is an error, not passed over. Stricter than the standard in one thing: a member that an
 * object's schema does not name is a problem unless {@code additionalProperties} stands there, so
 * that an answer cannot grow beyond its description unnoticed.
 */
final class Schema {
  /** Keywords that say nothing about validity. */
  private static final Set<String> REMARKS =
      Set.of("description", "title", "examples", "example", "default");

  private static final Set<String> CHECKED =
      Set.of(
          "$ref",
          "type",
          "required",
          "properties",
          "additionalProperties",
          "items",
          "minItems",
          "oneOf",
          "anyOf",
          "enum",
          "const",
          "minLength",
          "maxLength",
          "pattern",
          "minimum",
          "maximum");

  private final ApiDescription api;

  Schema(ApiDescription api) {
    this.api = api;
  }

  /** What is wrong with the value, each with where it stands; empty when it is valid. */
  List<String> problems(Object value, Map<String, Object> schema) {
    List<String> problems = new ArrayList<>();
    check(value, schema, "$", problems);
    return problems;
  }

  private void check(Object value, Map<String, Object> given, String at, List<String> problems) {
    Map<String, Object> schema = api.resolved(given);
    for (String keyword : schema.keySet()) {
      if (!CHECKED.contains(keyword) && !REMARKS.contains(keyword)) {
        throw new AssertionError("this test does not know the schema keyword " + keyword);
      }
    }
    checkAlternatives(value, schema, at, problems);
    if (schema.containsKey("type") && !isOfAny(value, schema.get("type"))) {
      problems.add(at + " is not of type " + schema.get("type") + " but " + value);
      return;
    }
    if (schema.containsKey("const") && !schema.get("const").equals(value)) {
      problems.add(at + " is not " + schema.get("const") + " but " + value);
    }
    if (schema.get("enum") instanceof Collection<?> allowed && !allowed.contains(value)) {
      problems.add(at + " is none of " + allowed + " but " + value);
    }
    if (!schema.containsKey("type") && schema.containsKey("oneOf")) {
      return; // All there is to say about it is said.
    }
    switch (value) {
      case String text -> checkText(text, schema, at, problems);
      case Number number -> checkNumber(number, schema, at, problems);
      case List<?> list -> checkList(list, schema, at, problems);
      case Map<?, ?> object -> checkObject(object, schema, at, problems);
      case null, default -> {
        // Booleans and null have no further keywords.
      }
    }
  }

  /** One of them and no other, or at least one. */
  private void checkAlternatives(
      Object value, Map<String, Object> schema, String at, List<String> problems) {
    for (String keyword : List.of("oneOf", "anyOf")) {
      if (schema.get(keyword) instanceof List<?> several) {
        List<String> found = new ArrayList<>();
        int valid = 0;
        for (Object each : several) {
          List<String> ofThis = new ArrayList<>();
          check(value, ApiDescription.object(Map.of("it", each), "it"), at, ofThis);
          valid += ofThis.isEmpty() ? 1 : 0;
          found.addAll(ofThis);
        }
        if (valid == 0 || keyword.equals("oneOf") && valid > 1) {
          problems.add(at + " is valid for " + valid + " of " + keyword + ": " + found);
        }
      }
    }
  }

  /** A type, or a list of them. */
  private static boolean isOfAny(Object value, Object types) {
    return types instanceof List<?> several
        ? several.stream().anyMatch(type -> isOfType(value, String.valueOf(type)))
        : isOfType(value, String.valueOf(types));
  }

  private static boolean isOfType(Object value, String type) {
    return switch (type) {
      case "string" -> value instanceof String;
      case "boolean" -> value instanceof Boolean;
      case "integer" -> value instanceof Integer || value instanceof Long;
      case "array" -> value instanceof List;
      case "object" -> value instanceof Map;
      case "null" -> value == null;
      default -> throw new AssertionError("this test does not know the type " + type);
    };
  }

  private static void checkText(
      String text, Map<String, Object> schema, String at, List<String> problems) {
    int length = text.codePointCount(0, text.length());
    if (length < number(schema, "minLength", 0)
        || length > number(schema, "maxLength", Integer.MAX_VALUE)) {
      problems.add(at + " has the wrong length: " + text);
    }
    if (schema.get("pattern") instanceof String pattern
        && !Pattern.compile(pattern).matcher(text).find()) {
      problems.add(at + " does not match " + pattern + ": " + text);
    }
  }

  private static void checkNumber(
      Number value, Map<String, Object> schema, String at, List<String> problems) {
    if (value.longValue() < number(schema, "minimum", Long.MIN_VALUE)
        || value.longValue() > number(schema, "maximum", Long.MAX_VALUE)) {
      problems.add(at + " is out of range: " + value);
    }
  }

  private void checkList(
      List<?> list, Map<String, Object> schema, String at, List<String> problems) {
    if (list.size() < number(schema, "minItems", 0)) {
      problems.add(at + " has too few items");
    }
    if (schema.containsKey("items")) {
      for (int i = 0; i < list.size(); i++) {
        check(list.get(i), ApiDescription.object(schema, "items"), at + "[" + i + "]", problems);
      }
    }
  }

  private void checkObject(
      Map<?, ?> object, Map<String, Object> schema, String at, List<String> problems) {
    if (schema.get("required") instanceof List<?> required) {
      required.stream()
          .filter(name -> !object.containsKey(name))
          .forEach(name -> problems.add(at + " lacks " + name));
    }
    Map<String, Object> properties =
        schema.containsKey("properties") ? ApiDescription.object(schema, "properties") : Map.of();
    Object others = schema.get("additionalProperties");
    boolean anything = schema.keySet().stream().noneMatch(CHECKED::contains);
    object.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          String where = at + "." + name;
          if (properties.containsKey(name)) {
            check(value, ApiDescription.object(properties, name), where, problems);
          } else if (others instanceof Map<?, ?>) {
            check(value, ApiDescription.object(schema, "additionalProperties"), where, problems);
          } else if (!anything && !Boolean.TRUE.equals(others)) {
            problems.add(where + " is not described");
          }
        });
  }

  private static long number(Map<String, Object> schema, String keyword, long otherwise) {
    return schema.get(keyword) instanceof Number number ? number.longValue() : otherwise;
  }
}
