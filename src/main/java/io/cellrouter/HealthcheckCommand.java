package io.cellrouter;

import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
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
    RouterConfig.Listeners listeners = ConfigLoader.listeners(environment);
    int port = listeners.managementPort();
    InetAddress address;
    try {
      InetAddress bound = InetAddress.getByName(listeners.bindAddress());
      address = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
    } catch (UnknownHostException e) {
      System.err.println("cell-router: BIND_ADDRESS is not an address: " + e.getMessage());
      return 1;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
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
    } catch (IOException e) {
      System.err.println("cell-router: nothing answers on port " + port + ": " + e.getMessage());
    }
    return 1;
  }
}
