import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes one cache of two that were dumped from the same runtime, one after the other, so that the
 * same input gives the same bytes. A dump differs from the next in the times at which soft
 * references in its heap were last used (milliseconds of the monotonic clock), and in the checksums
 * over them. The times become 0, long ago; the checksums too, which are looked at only with
 * -XX:+VerifySharedSpaces. Any other difference fails the build.
 *
 * <p>Usage: {@code java jlink/aot/Timeless.java FIRST SECOND OUT}
 */
final class Timeless {
  // The header with the regions' checksums; what follows is aligned to pages.
  private static final int HEADER = 1024;
  private static final long LONGEST_DUMP_MILLIS = 600_000;

  private Timeless() {}

  public static void main(String[] args) throws IOException {
    ByteBuffer first = read(args[0]);
    ByteBuffer second = read(args[1]);
    if (first.capacity() != second.capacity()) {
      throw new IllegalStateException("two dumps of the same classes differ in size");
    }
    int times = 0;
    for (int at = 0; at < first.capacity(); at += Long.BYTES) {
      long one = first.getLong(at);
      long other = second.getLong(at);
      if (one == other) {
        continue;
      }
      if (at < HEADER) {
        clearDifferentHalves(first, second, at);
      } else if (one > 0 && other > one && other - one < LONGEST_DUMP_MILLIS) {
        first.putLong(at, 0);
        times++;
      } else {
        throw new IllegalStateException(
            "two dumps of the same classes differ at %#x: %#x, %#x".formatted(at, one, other));
      }
    }
    Files.write(Path.of(args[2]), first.array());
    System.out.println(times + " times of soft references set to 0");
  }

  private static void clearDifferentHalves(ByteBuffer first, ByteBuffer second, int word) {
    for (int at = word; at < word + Long.BYTES; at += Integer.BYTES) {
      if (first.getInt(at) != second.getInt(at)) {
        first.putInt(at, 0);
      }
    }
  }

  private static ByteBuffer read(String file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).order(ByteOrder.nativeOrder());
  }
}
