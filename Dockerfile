FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X gridwalk/server.Version=${VERSION}" -o /gridwalk . \
 && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /gridwalk /gridwalk
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
VOLUME /data
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["/gridwalk", "health", "--url", "http://127.0.0.1:8090"]
ENTRYPOINT ["/gridwalk"]
CMD ["serve", "--dir", "/data", "--http", "0.0.0.0:8090"]
