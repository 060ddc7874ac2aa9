package io.cellrouter.telemetry;

import io.cellrouter.config.LogLevel;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Writes structured lines under one logger name. Cheap to derive: {@code log.named("keys")} shares
 * everything but the name.
 */
public final class Log {
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  private final String name;
  private final LogLevel least;
  private final Clock clock;
  private final LogWriter writer;
  private final Seconds seconds;

  public Log(LogLevel least, Clock clock, LogWriter writer) {
    this("router", least, clock, writer, new Seconds());
  }

  private Log(String name, LogLevel least, Clock clock, LogWriter writer, Seconds seconds) {
    this.name = name;
    this.least = least;
    this.clock = clock;
    this.writer = writer;
    this.seconds = seconds;
  }

  public Log named(String name) {
    return new Log(name, least, clock, writer, seconds);
  }

  public boolean enabled(LogLevel level) {
    return level.compareTo(least) >= 0;
  }

  /** Begins a line; {@link #write} ends it. Ask {@link #enabled} first where lines are frequent. */
  public LogLine line(LogLevel level, String message) {
    return new LogLine(seconds.format(clock.instant()), level, name, message);
  }

  public void write(LogLine line) {
    writer.write(line.finish());
  }

  /** Ends a line that must not be dropped, see {@link LogWriter#keep}. */
  public void keep(LogLine line) {
    writer.keep(line.finish());
  }

  /** Whether such a line would be kept now. */
  public boolean keeps() {
    return writer.keeps();
  }

  public void info(String message) {
    log(LogLevel.INFO, message);
  }

  public void warn(String message) {
    log(LogLevel.WARN, message);
  }

  public void error(String message, Throwable error) {
    if (enabled(LogLevel.ERROR)) {
      write(line(LogLevel.ERROR, message).error(error));
    }
  }

  /** A message without further fields. */
  public void log(LogLevel level, String message) {
    if (enabled(level)) {
      write(line(level, message));
    }
  }

  /** Formats the part of a timestamp that changes once a second only then. */
  private static final class Seconds {
    private record Formatted(long epochSecond, String text) {}

    private volatile Formatted last = new Formatted(Long.MIN_VALUE, "");

    String format(Instant now) {
      Formatted formatted = last;
      if (formatted.epochSecond != now.getEpochSecond()) {
        formatted = new Formatted(now.getEpochSecond(), SECOND.format(now));
        last = formatted;
      }
      int millis = now.getNano() / 1_000_000;
      return formatted.text + (millis < 10 ? ".00" : millis < 100 ? ".0" : ".") + millis + "Z";
    }
  }
}
