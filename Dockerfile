# One image, every program: `lms web`, `lms worker`, … (platform/core/processes.py). docs/operations/images.md says how to
# build and run it; `make image-check` does what stands here without Docker, line by line, and runs the product from it.
ARG NODE_IMAGE=docker.io/library/node:22.22.1-bookworm-slim
ARG PYTHON_IMAGE=docker.io/library/python:3.11.15-slim-bookworm

# -- the application that browsers load ---------------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

# -- what runs: a virtual environment with the locked packages and the product's own wheel -------------------------------
FROM ${PYTHON_IMAGE} AS product
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /src
RUN python -m venv /build && python -m venv --without-pip /opt/lms
COPY requirements-build.lock requirements-image.lock ./
RUN /build/bin/pip install --quiet --require-hashes --requirement requirements-build.lock
RUN /build/bin/pip --python /opt/lms/bin/python install --quiet --require-hashes --requirement requirements-image.lock
COPY pyproject.toml ./
COPY platform platform
COPY tenants tenants
COPY apps apps
RUN /build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /build/bin/pip --python /opt/lms/bin/python install --quiet --no-deps /wheels/*.whl \
 && python -m compileall -q /opt/lms/lib

# -- the image -----------------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS runtime
RUN groupadd --gid 10001 lms \
 && useradd --uid 10001 --gid lms --no-create-home --home-dir /var/lib/lms --shell /usr/sbin/nologin lms \
 && install --directory --owner=lms --group=lms --mode=0750 /var/lib/lms /var/lib/lms/assets /var/lib/lms/caddy \
      /var/lib/lms/delivery /var/lib/lms/s3 /var/lib/lms/scratch /var/lib/lms/status \
 && install --directory --owner=lms --group=lms --mode=0770 /var/lib/lms/stamps
COPY --from=product /opt/lms /opt/lms
COPY --from=frontend /src/frontend/dist /opt/lms/frontend
ARG RELEASE=unreleased
ENV PATH=/opt/lms/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    LC_ALL=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    LMS_RELEASE=${RELEASE} \
    LMS_LISTEN=0.0.0.0:8000 \
    LMS_TRUSTED_PROXIES=* \
    LMS_DATA_DIR=/var/lib/lms \
    LMS_FRONTEND_DIST=/opt/lms/frontend
LABEL org.opencontainers.image.title="Emerging Tech LMS" org.opencontainers.image.version=${RELEASE}
# What has to be writable where the root is not. Named here, so that a managed runtime gives it the owner it has here.
VOLUME ["/tmp", "/var/lib/lms/scratch"]
USER 10001:10001
WORKDIR /opt/lms
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["lms", "probe"]
ENTRYPOINT ["lms"]
CMD ["web"]
