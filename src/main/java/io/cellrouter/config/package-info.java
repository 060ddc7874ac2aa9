/**
 * What an operator can set, read once into one immutable {@link io.cellrouter.config.RouterConfig}.
 *
 * <p>Invariants: every setting stands once in {@link io.cellrouter.config.Setting} with its default
 * and its meaning (the README's table is tested against it); all problems are found before any is
 * reported; nothing here starts a thread or opens a port. May be used by every other package and
 * uses none of them.
 */
package io.cellrouter.config;
