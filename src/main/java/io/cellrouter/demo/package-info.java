/**
 * A small cell for trying things out and for tests: it answers like the nginx cells and can be told
 * to misbehave. Not part of the way of a request; uses nothing of the router.
 */
package io.cellrouter.demo;
