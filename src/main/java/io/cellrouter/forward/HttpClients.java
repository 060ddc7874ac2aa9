package io.cellrouter.forward;

import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** How the router configures the JDK's HTTP client, for requests and for probes alike. */
public final class HttpClients {
  private HttpClients() {}

  /**
   * @param secure whether TLS is needed. Without it the client gets an empty TLS context, which
   *     saves the 70 to 390 ms that reading the default trust store costs at start and fails closed
   *     should an https address turn up, and completes its exchanges on its selector thread, which
   *     saves a hand-over: all that runs there is {@link BoundedBody}, in memory.
   */
  public static HttpClient create(boolean secure, Duration connectTimeout) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // HTTP/2 would send "Upgrade: h2c", which breaks a first POST to some servers.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(connectTimeout);
    return secure
        ? builder.executor(Executors.newVirtualThreadPerTaskExecutor()).build()
        : builder.sslContext(emptyContext()).executor(Runnable::run).build();
  }

  private static SSLContext emptyContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[0], new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }
}
