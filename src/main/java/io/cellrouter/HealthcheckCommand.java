package io.cellrouter;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code healthcheck}: asks {@code /live} on the management port. For images without a shell or
 * curl; a plain socket, since the HTTP client would cost more than the answer is worth.
 */
final class HealthcheckCommand {
  private static final int TIMEOUT_MILLIS = 2_000;

  private HealthcheckCommand() {}

  static int run(Map<String, String> environment) {
    int port;
    try {
      port = Integer.parseInt(environment.getOrDefault("MANAGEMENT_PORT", "9000").strip());
    } catch (NumberFormatException e) {
      return Main.complain("MANAGEMENT_PORT must be a number");
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      String status = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
      if (status.equals("HTTP/1.1 200")) {
        return 0;
      }
      System.err.println("cell-router: /live answered \"" + status + "\"");
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("cell-router: nothing answers on port " + port + ": " + e.getMessage());
    }
    return 1;
  }
}
