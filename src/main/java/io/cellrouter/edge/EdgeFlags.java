package io.cellrouter.edge;

import io.cellrouter.config.RouterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The JDK's HTTP server and client have no limits by default, and take theirs only from system
 * properties read when their classes are initialised. They stand in {@code jlink/edge.options};
 * this class refuses to serve without those that matter.
 *
 * <p>Units (measured on JDK 25, since the module page is wrong about some, JDK-8387598): {@code
 * maxReqTime}, {@code maxRspTime} and {@code idleInterval} are seconds, {@code clockTick} is
 * milliseconds, {@code maxReqHeaderSize} bytes.
 */
public final class EdgeFlags {
  private static final String SERVER = "sun.net.httpserver.";

  private EdgeFlags() {}

  /** One property that must be set. */
  private record Flag(String name, long least, long most, String without) {}

  private static final List<Flag> FLAGS =
      List.of(
          new Flag(SERVER + "maxReqTime", 1, 600, "a slow client could hold a request for ever"),
          new Flag(SERVER + "maxRspTime", 1, 3_700, "a client that never reads could hold one"),
          new Flag(SERVER + "idleInterval", 1, 3_600, "idle connections would close after 30 s"),
          new Flag(SERVER + "clockTick", 1, 10_000, "limits would be checked every 10 s"),
          new Flag(SERVER + "maxReqHeaders", 101, 10_000, "too many headers would get no answer"),
          new Flag(SERVER + "maxReqHeaderSize", 1_024, 65_536, "headers could reach 380 KiB"),
          new Flag(SERVER + "maxIdleConnections", 200, 1_000_000, "keep-alive would end at 200"),
          new Flag("jdk.httpserver.maxConnections", 100, 1_000_000, "connections had no limit"),
          new Flag(
              "jdk.httpclient.redirects.retrylimit", 1, 1, "the client would re-send requests"),
          new Flag(
              "sun.net.inetaddr.stale.ttl", 1, 604_800, "cells would be lost when DNS is down"),
          new Flag("sun.net.inetaddr.ttl", 1, 5, "a cell's new addresses would be seen 30 s late"),
          new Flag("jdk.httpclient.keepalive.timeout", 1, 60, "stale connections would be reused"));

  /**
   * All that is missing or does not fit, one sentence each; empty when serving is safe.
   *
   * @param properties usually {@code System::getProperty}; gives null for what is not set
   */
  public static List<String> problems(UnaryOperator<String> properties, RouterConfig config) {
    List<String> problems = new ArrayList<>();
    for (Flag flag : FLAGS) {
      long value = number(properties.apply(flag.name));
      if (value < flag.least || value > flag.most) {
        problems.add(
            "-D"
                + flag.name
                + " must be "
                + (flag.least == flag.most
                    ? Long.toString(flag.least)
                    : "from " + flag.least + " to " + flag.most)
                + " (without it "
                + flag.without
                + ")");
      }
    }
    for (String name :
        List.of("sun.net.httpserver.nodelay", "jdk.httpclient.disableRetryConnect")) {
      if (!"true".equals(properties.apply(name))) {
        problems.add("-D" + name + " must be true");
      }
    }
    if (!"host".equals(properties.apply("jdk.httpclient.allowRestrictedHeaders"))) {
      problems.add(
          "-Djdk.httpclient.allowRestrictedHeaders must be host (without it requests to an address"
              + " could not carry the name of the cell)");
    }
    long response = number(properties.apply(SERVER + "maxRspTime"));
    long deadline = config.timeouts().request().toSeconds();
    if (response > 0 && response <= deadline) {
      problems.add(
          "REQUEST_TIMEOUT of "
              + deadline
              + " s must be below -D"
              + SERVER
              + "maxRspTime of "
              + response
              + " s, which would cut the answer off");
    }
    long headers = number(properties.apply(SERVER + "maxReqHeaderSize"));
    if (headers > 0 && headers < config.limits().maxHeader()) {
      problems.add(
          "MAX_HEADER_BYTES must not exceed -D" + SERVER + "maxReqHeaderSize of " + headers);
    }
    return problems;
  }

  private static long number(String text) {
    try {
      return text == null ? -1 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
