package io.cellrouter.traffic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A client that is gone before its request is complete, which no HTTP library lets one be. */
final class HangUp {
  private static final int TIMEOUT_MILLIS = 5_000;

  private HangUp() {}

  /** Announces the whole body, sends half of it and closes. */
  static void send(URI route, Optional<String> key, Shot shot) throws IOException {
    try (Socket socket = connect(route)) {
      socket.getOutputStream().write(head(route, key, shot));
      socket.getOutputStream().write(Arrays.copyOf(shot.body(), shot.body().length / 2));
      socket.getOutputStream().flush();
    }
  }

  private static Socket connect(URI route) throws IOException {
    boolean secure = route.getScheme().equals("https");
    int port = route.getPort() >= 0 ? route.getPort() : secure ? 443 : 80;
    String host = route.getHost().replaceAll("[\\[\\]]", ""); // IPv6 stands in brackets.
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      return secure ? secured(plain, host, port) : plain;
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private static Socket secured(Socket plain, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket secured = (SSLSocket) factory.createSocket(plain, host, port, true);
    javax.net.ssl.SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(
        "HTTPS"); // A raw socket checks no name by itself.
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private static byte[] head(URI route, Optional<String> key, Shot shot) {
    return ("POST "
            + route.getRawPath()
            + " HTTP/1.1\r\nHost: "
            + route.getRawAuthority()
            + "\r\nUser-Agent: cell-router-traffic\r\nContent-Type: "
            + shot.contentType()
            + "\r\nContent-Length: "
            + shot.body().length
            + key.map(value -> "\r\nX-API-Key: " + value).orElse("")
            + "\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
