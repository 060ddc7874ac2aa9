/**
 * Who a client is: API keys, where they come from, and how they are compared.
 *
 * <p>Invariants: a key is held as a digest only; no key and no part of one appears in a log, a
 * metric, a message or a {@code toString}; a bad file never replaces good keys. May be used by
 * {@code edge} and the composition; uses {@code telemetry} and {@code config}.
 */
package io.cellrouter.auth;
