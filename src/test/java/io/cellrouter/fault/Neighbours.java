package io.cellrouter.fault;

import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What everybody but a test and its router took of this machine's CPUs, from {@code /proc}. Nothing
 * that the router does wrong shows here.
 */
final class Neighbours {
  private static final int IDLE = 3;
  private static final int IO_WAIT = 4;

  /** The last that counts: guests are contained in the first two. */
  private static final int STEAL = 7;

  private final long router;
  private final Ticks begin;

  /**
   * Time of CPUs in ticks of the kernel.
   *
   * @param all of all CPUs, idle or not
   */
  private record Ticks(long all, long others, long router) {}

  private Neighbours(long router) throws IOException {
    this.router = router;
    this.begin = now();
  }

  static Neighbours of(RouterProcess router) throws IOException {
    return new Neighbours(router.pid());
  }

  /** Of this process alone. */
  static Neighbours ofThis() throws IOException {
    return new Neighbours(0);
  }

  /** Share of all CPUs since this was made, from 0 to 1. */
  double share() throws IOException {
    Ticks end = now();
    return (double) (end.others - begin.others) / Math.max(1, end.all - begin.all);
  }

  /** Share of all CPUs that the router itself took since this was made, from 0 to 1. */
  double shareOfRouter() throws IOException {
    Ticks end = now();
    return (double) (end.router - begin.router) / Math.max(1, end.all - begin.all);
  }

  private Ticks now() throws IOException {
    long routers = router == 0 ? 0 : ticks(Long.toString(router));
    long ours = ticks("self") + routers;
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
      long[] cpu = numbers(lines.findFirst().orElseThrow().replaceFirst("cpu +", ""));
      long all = LongStream.of(cpu).limit(STEAL + 1).sum();
      return new Ticks(all, all - cpu[IDLE] - cpu[IO_WAIT] - ours, routers);
    }
  }

  /** Of one process and those of its children that have ended: proc(5), fields 14 to 17. */
  private static long ticks(String process) throws IOException {
    String stat = Files.readString(Path.of("/proc", process, "stat"));
    // The second field, the name, may hold blanks; the third is a letter.
    long[] fromFourth = numbers(stat.substring(stat.lastIndexOf(')') + 4).strip());
    return LongStream.of(fromFourth).skip(10).limit(4).sum();
  }

  private static long[] numbers(String text) {
    return Stream.of(text.split(" ", -1)).mapToLong(Neighbours::number).toArray();
  }

  /** Some fields are unsigned, and none of those is read. */
  private static long number(String text) {
    return Long.parseUnsignedLong(text.replace("-", ""));
  }
}
