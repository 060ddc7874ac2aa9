import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Records which classes, lambdas and linked constants a router needs: the real router, real
 * sockets, a few thousand real requests, then SIGTERM.
 *
 * <p>Usage: {@code java jlink/aot/TrainingRun.java RUNTIME WORK_FOLDER RECORD}
 */
final class TrainingRun {
  // Enough for what happens only now and then; more only takes longer.
  private static final int ROUTED = 3000;
  private static final int CONNECTIONS = 4;

  private TrainingRun() {}

  public static void main(String[] args) throws Exception {
    Path runtime = Path.of(args[0]).toAbsolutePath();
    Path output = Path.of(args[1]).resolve("training.log");
    Path record = Path.of(args[2]).toAbsolutePath();
    List<String> options = List.of("-Xshare:auto", "-XX:DumpLoadedClassList=" + record);
    try (Cells cells = new Cells();
        RouterProcess router = RouterProcess.start(runtime, options, cells, output)) {
      try (Conversation conversation = new Conversation(router)) {
        conversation.everyAnswer();
        int wrong = routeMany(conversation);
        if (wrong > 0) {
          throw router.failure("answered " + wrong + " of " + ROUTED + " requests wrongly");
        }
      }
      router.stop();
      if (!Files.exists(record)) {
        throw router.failure("recorded nothing");
      }
    }
  }

  /** Over a few connections at once; returns how many answers were wrong. */
  private static int routeMany(Conversation conversation) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(ROUTED);
    AtomicInteger wrong = new AtomicInteger();
    Runnable work =
        () -> {
          for (int n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
            if (!conversation.routedToItsCell(1 + n % 3)) {
              wrong.incrementAndGet();
            }
          }
        };
    List<Thread> threads =
        Stream.generate(() -> Thread.ofVirtual().start(work)).limit(CONNECTIONS).toList();
    for (Thread thread : threads) {
      thread.join();
    }
    return wrong.get();
  }
}
