package io.cellrouter.fault;

import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Many connections to a router: idle ones, and such on which headers come byte by byte. */
final class Crowd implements AutoCloseable {
  private final List<SocketChannel> idle = new ArrayList<>();
  private final List<SocketChannel> slow = new ArrayList<>();

  static Crowd of(RouterProcess router, int idle, int slow) throws Exception {
    Crowd crowd = new Crowd();
    for (int i = 0; i < idle; i++) {
      SocketChannel channel = connect(router);
      crowd.idle.add(channel);
      // Like a gateway's pool: a connection that never spoke counts as slow, and is cut off.
      say(channel, "GET /health HTTP/1.1\r\nHost: idle\r\n\r\n");
      if (i % 100 == 0) {
        TimeUnit.MILLISECONDS.sleep(20); // Within what the kernel's backlog holds, on any machine.
      }
    }
    for (int i = 0; i < slow; i++) {
      SocketChannel channel = connect(router);
      crowd.slow.add(channel);
      say(channel, "POST /api/route HTTP/1.1\r\nX-Slow: ");
    }
    return crowd;
  }

  /** One more byte of a header on each slow connection. */
  void trickle() {
    slow.forEach(channel -> say(channel, "x"));
  }

  long idleThatAreOpen() {
    return idle.stream().filter(channel -> !ended(channel)).count();
  }

  long slowThatAreOpen() {
    return slow.stream().filter(channel -> !ended(channel)).count();
  }

  private static SocketChannel connect(RouterProcess router) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), router.port()));
    channel.configureBlocking(false);
    return channel;
  }

  private static void say(SocketChannel channel, String text) {
    try {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      // The router has ended it.
    }
  }

  private static boolean ended(SocketChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    try {
      int read = channel.read(buffer);
      while (read > 0) {
        read = channel.read(buffer.clear());
      }
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : idle) {
      channel.close();
    }
    for (SocketChannel channel : slow) {
      channel.close();
    }
  }
}
