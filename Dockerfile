# syntax=docker/dockerfile:1
# docker build -t atelier .                      GPU where the host offers one (--gpus all), else CPU
# docker build -t atelier --build-arg CUDA=0 .   CPU only
# docker run -d --env-file .env -v atelier:/data atelier
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY Makefile pyproject.toml requirements.txt README.md ./
COPY stylize stylize
COPY bot bot
# The very steps of the Makefile; PIP_* build arguments reach pip (a mirror, a CPU-only index).
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
RUN make install

FROM python:${PYTHON}-slim-bookworm
ARG CUDA=1
# PyPI's torch brings its CUDA libraries; the container toolkit brings the driver when it sees these two.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    ATELIER_CUDA=${CUDA} \
    PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    DATABASE_URL=sqlite+aiosqlite:////data/atelier.db \
    SANDBOX_HOST=0.0.0.0 \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=8080
RUN useradd --create-home --uid 1000 atelier && install -d -o atelier /data
COPY --from=build /app /app
WORKDIR /app
USER atelier
VOLUME /data
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"
CMD ["sh", "-c", "if [ \"$ATELIER_CUDA\" = 0 ]; then export DEVICE=cpu; fi; exec python -m bot"]
