# treernn serve: docker build -t treernn . && docker run -p 127.0.0.1:9000:9000 treernn
FROM python:3.11-slim AS build
# The index of torch's CPU builds, and the build; see docker/install.sh.
ARG PIP_EXTRA_INDEX_URL=
ARG TORCH=torch==2.13.0+cpu
WORKDIR /source
COPY . .
RUN PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL" TORCH="$TORCH" sh docker/install.sh /opt/treernn

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home treernn
COPY --from=build /opt/treernn /opt/treernn
ENV PATH=/opt/treernn/bin:$PATH PYTHONUNBUFFERED=1
USER treernn
WORKDIR /home/treernn
EXPOSE 9000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:9000/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
# In a container the port is closed until it is published.
ENTRYPOINT ["treernn", "serve", "--host", "0.0.0.0"]
# The name by which it is asked on this machine; arguments of docker run take the place of these.
CMD ["--allowed-host", "localhost"]
