package io.cellrouter.fault;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A DNS server on port 53 of a loopback address that nobody else uses, which can fall silent. All
 * names are those of cells on this machine, but for those that it does not answer.
 */
final class NameServer implements AutoCloseable {
  static final String ADDRESS = "127.77.0.53";

  private static final int HEADER = 12;
  private static final int TYPE_A = 1;

  private final DatagramSocket socket;
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile boolean silent;
  private volatile byte[] address = {127, 0, 0, 1};

  private NameServer(DatagramSocket socket) {
    this.socket = socket;
  }

  /**
   * @param unanswered names that it does not answer for now
   * @throws IOException when this process may not have the port
   */
  static NameServer start(String... unanswered) throws IOException {
    NameServer server = new NameServer(new DatagramSocket(new InetSocketAddress(ADDRESS, 53)));
    server.unknown.addAll(Set.of(unanswered));
    Thread.ofPlatform().name("name-server").daemon().start(server::serve);
    return server;
  }

  void silent(boolean silent) {
    this.silent = silent;
  }

  /** Answers for a name, or no longer. */
  void answers(String name, boolean answers) {
    if (answers) {
      unknown.remove(name);
    } else {
      unknown.add(name);
    }
  }

  /** From now on all names stand for this one. */
  void address(String loopback) throws IOException {
    address = InetAddress.getByName(loopback).getAddress();
  }

  /** Questions left without an answer so far. */
  int unanswered() {
    return unanswered.get();
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      try {
        DatagramPacket question = new DatagramPacket(buffer, buffer.length);
        socket.receive(question);
        answer(question);
      } catch (IOException e) {
        // Closed, or one question lost: resolvers ask again.
      }
    }
  }

  private void answer(DatagramPacket question) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(question.getData(), 0, question.getLength()).position(HEADER);
    StringBuilder name = new StringBuilder();
    for (int length = in.get(); length > 0; length = in.get()) {
      byte[] label = new byte[length];
      in.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
    }
    int type = in.getShort();
    int end = in.position() + 2;
    if (silent || unknown.contains(name.toString())) {
      unanswered.incrementAndGet();
      return;
    }
    boolean known = type == TYPE_A; // Of IPv6 the name exists, but has no address.
    ByteBuffer out = ByteBuffer.allocate(512).put(question.getData(), 0, end);
    // A response, recursion desired and available, no error (RFC 1035 §4.1.1).
    out.putShort(2, (short) 0x8180).putShort(6, (short) (known ? 1 : 0)).putInt(8, 0);
    if (known) {
      // The name asked for (a pointer to it), A, IN, for one second, four bytes.
      out.putShort((short) 0xC00C).putShort((short) TYPE_A).putShort((short) 1);
      out.putInt(1).putShort((short) 4).put(address);
    }
    socket.send(new DatagramPacket(out.array(), out.position(), question.getSocketAddress()));
  }

  @Override
  public void close() {
    socket.close();
  }
}
