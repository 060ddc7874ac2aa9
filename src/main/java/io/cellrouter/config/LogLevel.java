package io.cellrouter.config;

/** Levels of the log, least severe first. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARN,
  ERROR
}
