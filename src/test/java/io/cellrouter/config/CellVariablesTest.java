package io.cellrouter.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellVariablesTest {
  private static Map<String, String> with(String variable, String value) {
    Map<String, String> environment =
        new HashMap<>(Map.of("NGINX_1_URL", "http://a", "NGINX_eu_1_URL", "http://b"));
    environment.put(variable, value);
    return environment;
  }

  @Test
  void everySettingMayStandInTheEnvironmentForAllCellsAndForOne() throws Exception {
    for (CellSetting setting : CellSetting.values()) {
      String other = Samples.of(setting).getLast();
      CellPolicy expected =
          ConfigLoader.load(with("CELL_BREAKER", "on")).cells().getFirst().policy();

      List<CellConfig> all = ConfigLoader.load(with("CELL_" + setting, other)).cells();
      List<CellConfig> one = ConfigLoader.load(with("NGINX_eu_1_" + setting, other)).cells();

      assertEquals(all.get(0).policy(), all.get(1).policy(), setting.key());
      assertEquals(all.get(1).policy(), one.get(1).policy(), setting.key());
      assertEquals(expected, one.get(0).policy(), setting.key());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NGINX_1_SERVICE_HOST",
        "NGINX_1_SERVICE_PORT",
        "NGINX_1_SERVICE_PORT_HTTP",
        "NGINX_1_PORT",
        "NGINX_1_PORT_8080_TCP",
        "NGINX_1_PORT_8080_TCP_ADDR",
        "CELL_ROUTER_SERVICE_HOST",
        "CELL_ROUTER_PORT_8000_TCP_PROTO",
        "CELL_SERVICE_PORT",
        "CELL_PORT",
        "NGINX_VERSION",
        "NGINX_ENTRYPOINT_QUIET_LOGS",
        "CELLAR_DOOR"
      })
  void variablesOfOthersAreNotOurs(String variable) throws Exception {
    assertEquals(
        ConfigLoader.load(with("HOME", "/")), ConfigLoader.load(with(variable, "tcp://10.0.0.1")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CELL_MAX_INFLIGHT  | 5    | CELL_MAX_INFLIGHT is no setting of cells; known after CELL_: MAX_IN_FLIGHT,",
        "CELL_URL           | x    | CELL_URL is no setting of cells",
        "CELL_MAX_IN_FLIGHT | lots | CELL_MAX_IN_FLIGHT must be a whole number from 1 to 100000, not \"lots\"",
        "NGINX_1_MAX_INFLIGHT | 5  | NGINX_1_MAX_INFLIGHT is no setting of a cell; known: URL, STATE,",
        "NGINX_1_SUPPORT    | 5    | NGINX_1_SUPPORT is no setting of a cell",
        "NGINX_2_SHARE      | 50   | NGINX_2_SHARE: there is no cell \"2\"; NGINX_2_URL would define it",
        "NGINX_2_CLIENT_RATE | 5   | NGINX_2_CLIENT_RATE: there is no cell \"2\"",
        "NGINX_1_SHARE      | 101  | NGINX_1_SHARE must be a whole number from 0 to 100, not \"101\"",
        "NGINX_1_STATE      | off  | NGINX_1_STATE must be one of active, read_only, draining, disabled",
        "NGINX_1_BREAKER_OPEN | 5s | NGINX_1_BREAKER_OPEN must be seconds from 0.05 to 3600, not \"5s\"",
        "NGINX_1_URL        | ,    | NGINX_1_URL names no URL",
        "NGINX_1_URL        | 'http://a,ftp://b' | NGINX_1_URL must begin with http",
        "NGINX_1_URL        | 'http://a,https://b' | NGINX_1_URL: cell \"1\": its URLs must all be"
      })
  void whatIsMisspeltIsAProblemRatherThanNoLimit(String variable, String value, String says) {
    List<String> problems =
        assertThrows(ConfigException.class, () -> ConfigLoader.load(with(variable, value)))
            .problems();

    assertEquals(1, problems.size(), String.join("\n", problems));
    assertTrue(problems.getFirst().startsWith(says.strip()), problems.getFirst());
  }

  @Test
  void ofAnAmbiguousNameTheLongerSettingCounts() throws Exception {
    Map<String, String> environment = with("NGINX_1_CLIENT_RATE", "5");
    assertEquals(
        5, ConfigLoader.load(environment).cells().getFirst().policy().clientRate().perSecond());

    environment.put("NGINX_1_RATE", "7");
    CellPolicy policy = ConfigLoader.load(environment).cells().getFirst().policy();
    assertEquals(new CellPolicy.Rate(7, 7), policy.rate());
    assertEquals(new CellPolicy.Rate(5, 5), policy.clientRate());
  }
}
