package io.cellrouter.resilience;

/**
 * Which clients belong to the admitted share of a cell.
 *
 * <p>Decided by a hash of what sticks to the client and of the cell, into 10,000 places: the same
 * on every replica and after every restart; another cell admits others. The share is a border on
 * that scale, so that growing it only adds clients and shrinking it only removes some.
 */
final class Share {
  private static final int PLACES = 10_000;

  private Share() {}

  /**
   * @param percent 0: nobody; 100: everybody
   */
  static boolean admits(int percent, String cellId, String sticky) {
    if (percent >= 100) {
      return true;
    }
    return place(cellId, sticky) < percent * (PLACES / 100);
  }

  /** 0 to 9,999. */
  static int place(String cellId, String sticky) {
    long hash = fnv(0xcbf29ce484222325L, cellId);
    hash = fnv((hash ^ 0xff) * 0x100000001b3L, sticky); // 1|23 is not 12|3.
    return (int) Long.remainderUnsigned(mixed(hash), PLACES);
  }

  /** FNV-1a over the UTF-16 units. */
  private static long fnv(long seed, String text) {
    long hash = seed;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The finalizer of MurmurHash3: FNV alone spreads the last characters badly. */
  private static long mixed(long hash) {
    long mixed = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
