package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Half of cell 1's clients are admitted, and always the same half. */
class ShareTest {
  @RegisterExtension static final Edge EDGE = Edge.with(Map.of("NGINX_1_SHARE", "50"));

  private static int status(String chain) throws IOException {
    try (Wire wire = EDGE.connect()) {
      Wire.Answer answer =
          wire.send(
                  """
                  POST /api/route HTTP/1.1
                  Host: test
                  %sContent-Type: application/json
                  Content-Length: 14

                  {"cellID":"1"}"""
                      .formatted(chain))
              .answer();
      if (answer.status() != 200) {
        EDGE.assertProblem(answer, 503, "cell_share");
        assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 1, answer.head());
        assertTrue(wire.survives(), "the connection must survive");
      }
      return answer.status();
    }
  }

  private static String from(String chain) {
    return "X-Forwarded-For: " + chain + "\n";
  }

  @Test
  void sticksToTheFirstAddressOfTheChain() throws IOException {
    Map<String, Integer> first = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      String address = "10.0.0." + i;
      int status = status(from(address));
      first.put(address, status);
      assertEquals(status, status(from(address)), address);
      assertEquals(status, status(from(address + ", 192.0.2." + i)), address);
      assertEquals(status, status(from(" " + address + " ,x")), address);
      assertEquals(status, status(from(address) + from("192.0.2.1")), address);
    }
    long admitted = first.values().stream().filter(each -> each == 200).count();
    assertTrue(admitted >= 15 && admitted <= 45, admitted + " of 60 were admitted");
  }

  @Test
  void sticksToThePeerWhenThereIsNoChain() throws IOException {
    int status = status("");
    for (int i = 0; i < 10; i++) {
      assertEquals(status, status(""));
      assertEquals(status, status(from(", 10.0.0." + i)), "an empty first entry is none");
    }
    assertEquals(status, status(from("127.0.0.1")));
  }

  @Test
  void leavesTheOtherCellsAlone() throws IOException {
    for (int i = 0; i < 20; i++) {
      String request =
          Edge.route("{\"cellID\":\"2\"}")
              .replace("Host: test", "Host: test\n" + from("10.0.0." + i).strip());
      EDGE.routes(request, "2");
    }
  }
}
