/**
 * The fault matrix: one thing breaks, and nothing else may notice.
 *
 * <p>How a test looks: a {@link io.cellrouter.fault.Fault} names it, a {@link
 * io.cellrouter.fault.Trial} runs it, in four parts within one test:
 *
 * <ol>
 *   <li>warm-up, not counted;
 *   <li>without the fault: an open-loop load ({@link io.cellrouter.fault.Load}) on every cell, the
 *       one that will be in trouble included, at the rate that will hurt;
 *   <li>with it, the same load;
 *   <li>after it, until the cell has answered everything for a while. The time to the last failure
 *       is the recovery.
 * </ol>
 *
 * <p>Then the load ends, and what the router holds (sockets, threads, permits; {@link
 * io.cellrouter.fault.Held}) must come back to what it held before the first request.
 *
 * <p>What each trial asserts: requests for the other cells had not one error at any time after the
 * warm-up; they were as fast as without the fault ({@link io.cellrouter.fault.Speed} says what that
 * means on a noisy machine); no request reached a cell twice; clients of the cell in trouble saw
 * what they should and nothing else; the recovery kept its bound; nothing leaked. What was measured
 * becomes a {@link io.cellrouter.fault.Row} below {@code target/fault-rows}, and all rows together
 * the page {@code docs/failure-modes.md} ({@link io.cellrouter.fault.FailureModes}).
 *
 * <p>A fault that is not one of a cell (a config file, DNS, a signal) is the same: {@code begin}
 * and {@code end} do what they like to the router, which they are given, and no cell need be in
 * trouble. What {@code Trial} cannot do, its parts can: they are independent of one another.
 *
 * <p>The router is a process of its own with its real flags ({@link
 * io.cellrouter.support.RouterProcess}); cells live in the test's process and record what reached
 * them. All of it runs on Linux only: threads and sockets are counted in {@code /proc}, and black
 * holes are made of its backlog.
 */
package io.cellrouter.fault;
