package io.cellrouter.lifecycle;

import io.cellrouter.auth.KeyStore;
import io.cellrouter.edge.ApiKeyFilter;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Routes;
import io.cellrouter.edge.handler.CellChangeHandler;
import io.cellrouter.edge.handler.CellsHandler;
import io.cellrouter.edge.handler.DocsPages;
import io.cellrouter.edge.handler.ExplainHandler;
import io.cellrouter.edge.handler.HealthHandler;
import io.cellrouter.edge.handler.LiveHandler;
import io.cellrouter.edge.handler.MetricsHandler;
import io.cellrouter.edge.handler.ReadyHandler;
import io.cellrouter.edge.handler.RootHandler;
import io.cellrouter.edge.handler.RouteHandler;
import io.cellrouter.edge.handler.StatusFacts;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.ClientRates;
import io.cellrouter.resilience.LoadShedder;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.Metrics;

/** Which path leads to which endpoint, on both listeners. */
final class Endpoints {
  private final StatusFacts facts;
  private final Router router;
  private final KeyStore adminKeys;
  private final Intake intake;
  private final Metrics metrics;

  /** What every routed request passes before its cell is looked at. */
  record Intake(ByteBudget bodies, ClientRates rates, LoadShedder shedder) {}

  Endpoints(StatusFacts facts, Router router, KeyStore adminKeys, Intake intake, Metrics metrics) {
    this.facts = facts;
    this.router = router;
    this.adminKeys = adminKeys;
    this.intake = intake;
    this.metrics = metrics;
  }

  Routes forClients() {
    Endpoint route =
        new RouteHandler(
            facts.config(),
            router,
            facts.cells(),
            metrics,
            intake.bodies(),
            intake.rates(),
            intake.shedder());
    Routes.Builder routes = Routes.builder();
    routes
        .get("/", new RootHandler(facts))
        .post(
            "/api/route",
            ApiKeyFilter.forClients(route, facts.authEnabled(), facts.keys(), metrics))
        .get("/health", new HealthHandler(facts))
        .get("/ready", new ReadyHandler(facts))
        .get("/metrics", new MetricsHandler(metrics.page()));
    return new DocsPages(facts.build()).addTo(routes).build();
  }

  Routes management() {
    return Routes.builder()
        .get("/live", new LiveHandler())
        .get("/ready", new ReadyHandler(facts))
        .get("/health", new HealthHandler(facts))
        .get("/metrics", new MetricsHandler(metrics.page()))
        .get("/cells", new CellsHandler(facts))
        .post("/cells", ApiKeyFilter.forAdmins(new CellChangeHandler(facts), adminKeys, metrics))
        .get("/explain", new ExplainHandler(facts, router))
        .build();
  }
}
