package io.cellrouter.telemetry;

import io.cellrouter.config.LogLevel;
import java.text.MessageFormat;
import java.util.ResourceBundle;

/**
 * Turns what the JDK itself logs (its HTTP server and client do, through {@link System.Logger})
 * into JSON lines like all others. Found by {@link java.util.ServiceLoader}, which is why the log
 * it writes to has to be handed over statically; until then, and below the level, lines are
 * dropped.
 */
public final class JdkLoggerFinder extends System.LoggerFinder {
  private static volatile Log target;

  /** Called by the composition root, once, before a listener is made. */
  public static void install(Log log) {
    target = log;
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new Bridge(name);
  }

  private record Bridge(String name) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      Log log = target;
      // The server's DEBUG lines hold request lines as the client sent them: never wanted.
      return log != null
          && level.getSeverity() >= Level.INFO.getSeverity()
          && log.enabled(ours(level));
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      if (isLoggable(level)) {
        Log log = target.named(name);
        LogLine line = log.line(ours(level), String.valueOf(message));
        log.write(thrown == null ? line : line.error(thrown));
      }
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... params) {
      if (isLoggable(level)) {
        String text = format == null ? "" : format;
        log(
            level,
            bundle,
            params == null || params.length == 0 ? text : MessageFormat.format(text, params),
            (Throwable) null);
      }
    }

    private static LogLevel ours(Level level) {
      return switch (level) {
        case ALL, TRACE, DEBUG -> LogLevel.DEBUG;
        case INFO -> LogLevel.INFO;
        case WARNING -> LogLevel.WARN;
        case ERROR, OFF -> LogLevel.ERROR;
      };
    }
  }
}
