package io.cellrouter.traffic;

import java.io.PrintStream;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/** Load on one router, from finding it to the summary. */
public final class Traffic implements AutoCloseable {
  /** For a router that was started just before. */
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(5);

  private static final Duration REWRITTEN_EVERY = Duration.ofMillis(500);
  private static final Duration LINE_EVERY = Duration.ofSeconds(10);

  /** After a stop nobody wants to wait; at the planned end every answer counts. */
  private static final Duration LINGER_STOPPED = Duration.ofSeconds(1);

  /** A line that wrapped could not be rewritten; terminals have 80 columns or more. */
  private static final int COLUMNS = 79;

  private static final String REWRITE = "\r";
  private static final String CLEAR_TO_END = "\u001b[K";

  private final Options options;
  private final Target target;
  private final HttpSender sender;
  private final TrafficRun warmUp;
  private final TrafficRun run;

  private Traffic(
      Options options, Target target, HttpSender sender, TrafficRun warmUp, TrafficRun run) {
    this.options = options;
    this.target = target;
    this.sender = sender;
    this.warmUp = warmUp;
    this.run = run;
  }

  /**
   * Finds the router, which may be starting still; sends no load yet.
   *
   * @throws NotReadyException when nothing answers, or not a router, or it would refuse everything
   */
  public static Traffic prepare(Options options) throws NotReadyException, InterruptedException {
    return prepare(options, STARTS_WITHIN);
  }

  /**
   * @param startsWithin how long nothing need answer
   */
  static Traffic prepare(Options options, Duration startsWithin)
      throws NotReadyException, InterruptedException {
    HttpClient client = HttpSender.client();
    try {
      Target target = Target.find(client, options, startsWithin);
      HttpSender sender = new HttpSender(client, options.base(), target.key());
      return new Traffic(
          options,
          target,
          sender,
          run(options, target, sender, ~options.seed(), options.warmUp()),
          run(options, target, sender, options.seed(), options.duration()));
    } catch (NotReadyException | InterruptedException | RuntimeException e) {
      client.shutdownNow();
      throw e;
    }
  }

  private static TrafficRun run(
      Options options, Target target, Sender sender, long seed, Duration planned) {
    Mix mix = new Mix(target.cells(), target.key().isPresent(), new SplittableRandom(seed));
    return new TrafficRun(sender, mix, new Pace(options.rate()), Timer.real(), planned);
  }

  /**
   * Sends until the time is up or {@link #stop} is called, telling how it goes.
   *
   * @param terminal whether the line that tells may be rewritten in place
   * @return whether all went as it should: stopped by the user, or no unexpected answer
   */
  public boolean run(PrintStream out, boolean terminal) throws InterruptedException {
    out.println(
        String.format(
            Locale.ROOT,
            "Sending %,d requests/s, in bursts up to %,d, to %s (cells %s; %s) for %s, seed %d."
                + "%s Ctrl-C stops.",
            options.rate(),
            Math.min(3 * options.rate(), Pace.MAX_RATE),
            options.base(),
            String.join(", ", target.cells()),
            target.key().isPresent() ? "with API key" : "no API key asked for",
            Report.clock(options.duration()),
            options.seed(),
            options.warmUp().isZero()
                ? ""
                : " " + Report.clock(options.warmUp()) + " before that, which do not count."));
    // Of its own, so that nothing of it is in the totals; what is still under way stays so.
    warmUp.start();
    warmUp.awaitSent(options.warmUp().plus(LINE_EVERY));
    run.start();
    while (!run.awaitSent(terminal ? REWRITTEN_EVERY : LINE_EVERY)) {
      tell(out, terminal);
    }
    long end =
        System.nanoTime()
            + (run.wasStopped() ? LINGER_STOPPED : HttpSender.PATIENCE.plusSeconds(1)).toNanos();
    while (System.nanoTime() < end
        && !run.awaitAnswers(terminal ? REWRITTEN_EVERY : LINGER_STOPPED)) {
      if (terminal) {
        tell(out, true);
      }
      if (run.wasStopped()) {
        break;
      }
    }
    Tally.Totals totals = run.totals();
    out.print(terminal ? REWRITE + CLEAR_TO_END : "");
    out.print("\n" + Report.summary(totals, run.elapsed(), run.inFlight()));
    out.flush();
    return run.wasStopped() || totals.unexpected() == 0;
  }

  /** Ends {@link #run} soon. May be called by any thread. */
  public void stop() {
    warmUp.stop();
    run.stop();
  }

  private void tell(PrintStream out, boolean terminal) {
    String line = Report.line(run.totals(), run.elapsed(), run.planned(), run.inFlight());
    if (terminal) {
      out.print(REWRITE + line.substring(0, Math.min(line.length(), COLUMNS)) + CLEAR_TO_END);
      out.flush();
    } else {
      out.println(line);
    }
  }

  @Override
  public void close() {
    sender.close();
  }
}
