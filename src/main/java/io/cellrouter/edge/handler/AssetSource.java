package io.cellrouter.edge.handler;

import java.io.IOException;

/** Where the bytes of an {@link Asset} come from. */
@FunctionalInterface
interface AssetSource {
  /** Reads all of it anew. */
  byte[] read() throws IOException;
}
