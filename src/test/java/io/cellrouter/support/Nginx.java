package io.cellrouter.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real nginx as a cell, with its configuration in a folder of its own. */
public final class Nginx implements AutoCloseable {
  private final Process process;
  private final Path folder;
  private final int port;

  private Nginx(Process process, Path folder, int port) {
    this.process = process;
    this.folder = folder;
    this.port = port;
  }

  /**
   * @param keepAlive nginx's {@code keepalive_timeout}, such as {@code 75s} or {@code 20ms}
   * @throws IOException when there is no nginx; the message says how to get one
   */
  public static Nginx start(Path folder, String keepAlive)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        daemon off;
        worker_processes 1;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        events { worker_connections 512; }
        http {
          log_format ids '$http_x_request_id $request_method';
          access_log %1$s/access.log ids;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          default_type application/json;
          keepalive_timeout %2$s;
          keepalive_requests 1000000;
          server {
            listen 127.0.0.1:%3$d;
            location = /api { return 200 '{"cellID": "1", "server": "nginx-1", "message": "hi"}'; }
            location = /health { access_log off; return 200 '{"status": "healthy"}'; }
          }
        }
        """
            .formatted(folder, keepAlive, port));
    Process process;
    try {
      process =
          new ProcessBuilder("nginx", "-c", configuration.toString(), "-e", folder + "/error.log")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("output.log").toFile())
              .start();
    } catch (IOException e) {
      throw new IOException("these tests need nginx on the PATH (Debian: apt install nginx)", e);
    }
    Nginx nginx = new Nginx(process, folder, port);
    Eventually.isTrue(nginx::accepts);
    return nginx;
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** The request ids of the POSTs that nginx has logged, so: that it has acted on. */
  public List<String> requestIds() throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve("access.log"))) {
      return lines
          .filter(line -> line.endsWith(" POST"))
          .map(line -> line.split(" ", 2)[0])
          .toList();
    }
  }

  private boolean accepts() {
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
