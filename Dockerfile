# The image: a linked runtime with its AOT cache on a base without a shell. scripts/build-image.sh
# passes the arguments (base images from versions.env, labels, time stamp); why it is so:
# docs/decisions/image.md. No "syntax" line: it would need a registry.

ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG MAVEN_IMAGE=maven:3.9-eclipse-temurin-25
ARG RUNTIME_IMAGE=gcr.io/distroless/base-nossl-debian13:nonroot

# The JDK image has no Maven, the Maven image a JDK of its own: it compiles, and no more.
FROM ${MAVEN_IMAGE} AS jars
WORKDIR /src
COPY .mvn .mvn
COPY pom.xml ./
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2/repository \
    mvn -q package cyclonedx:makeBom -Dmaven.test.skip=true

# Runtime and cache come from one JDK: a cache fits only the lib/modules that it was made with.
FROM ${JDK_IMAGE} AS runtime
WORKDIR /src
COPY jlink jlink
COPY --from=jars /src/target/cell-router.jar /src/target/bom.json target/
COPY --from=jars /src/target/lib target/lib
# The time of every file, pom.xml's outputTimestamp. Not the commit's: a layer whose content is the
# same has to be the same, and the builder's cache looks at contents and not at times.
ENV SOURCE_DATE_EPOCH=1793491200
RUN jlink/build-runtime.sh
COPY LICENSE ./
RUN jlink/image/lay-out.sh /image

FROM ${RUNTIME_IMAGE}
# The same commit gives the same layers, byte for byte: docs/decisions/image.md.
COPY --from=runtime /image/jdk /
COPY --from=runtime /image/program /
WORKDIR /opt/cell-router
USER 1001:1001
EXPOSE 8000 9000
ENTRYPOINT ["/opt/cell-router/bin/java", "@/opt/cell-router/start/small"]
CMD ["serve"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/opt/cell-router/bin/java", "@/opt/cell-router/start/healthcheck"]
ARG VERSION=0
ARG REVISION=unknown
ARG SOURCE=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG RUNTIME_IMAGE
LABEL org.opencontainers.image.title="cell-router" \
      org.opencontainers.image.description="The front door of a system that is split into cells." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"
