# syntax=docker/dockerfile:1
# Stage 1: everything, to build the server and the web page.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm install
COPY . .
# The gateway of the local services has no place in an image.
RUN npm run build && rm -rf dist/services

# Stage 2: what runs, without what only builds.
FROM node:20-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm install --omit=dev

# Stage 3: the image.
FROM node:20-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production ROLE=all PORT=3000
COPY --from=modules --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
COPY --chown=root:root config ./config
COPY --chown=root:root package.json ./
USER node
EXPOSE 3000
# Alive, not ready: a node that waits for its store must not be killed for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1: SIGTERM reaches it directly and it drains.
CMD ["node", "--enable-source-maps", "--initial-old-space-size=64", "--heap-growing-percent=50", "--single-threaded-gc", "dist/main.js"]
