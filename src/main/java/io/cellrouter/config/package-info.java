/**
 * What an operator can set, read into one immutable {@link io.cellrouter.config.RouterConfig}: at
 * the start, and again whenever {@code ROUTER_CONFIG} has changed.
 *
 * <p>Invariants: every setting stands once, in {@link io.cellrouter.config.Setting} or, when each
 * cell has its own, in {@link io.cellrouter.config.CellSetting}, with its default and its meaning
 * (the README's tables are tested against them); all problems are found before any is reported;
 * nothing here starts a thread or opens a port. May be used by every other package and uses none of
 * them.
 */
package io.cellrouter.config;
