/** The endpoints: one file each. They see a checked request and give back a whole answer. */
package io.cellrouter.edge.handler;
