# The controller's image: built on Debian, run on Debian slim as an unprivileged user.
ARG BASE=docker.io/library/debian:bookworm-slim

# The packages alone, so that a change of the sources does not fetch them again.
FROM ${BASE} AS deps
COPY tests/deps /src/tests/deps
RUN /src/tests/deps build

FROM deps AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DEVENKEEL_WARNINGS_AS_ERRORS=OFF && \
    cmake --build --preset release && \
    cmake --install build/release --prefix /usr/local --strip

FROM ${BASE}
LABEL org.opencontainers.image.title="evenkeel" \
      org.opencontainers.image.description="Horizontal autoscaler for Node.js services on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update -qq && \
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      ca-certificates libboost-program-options1.74.0 libcpprest2.10 libprometheus-cpp-core1.0 \
      libspdlog1.10 libyaml-cpp0.7 >/dev/null && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/evenkeel /usr/local/bin/evenkeel
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/evenkeel"]
CMD ["run"]
