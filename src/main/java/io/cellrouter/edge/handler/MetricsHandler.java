package io.cellrouter.edge.handler;

import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.telemetry.MetricsPage;

/** {@code GET /metrics}: Prometheus text, or OpenMetrics when asked for. */
public final class MetricsHandler implements Endpoint {
  private final MetricsPage page;

  public MetricsHandler(MetricsPage page) {
    this.page = page;
  }

  @Override
  public Response answer(Request request) {
    MetricsPage.Page rendered =
        page.render(String.join(",", request.headerValues(HeaderName.ACCEPT)));
    return Response.of(200, rendered.contentType(), rendered.body());
  }
}
