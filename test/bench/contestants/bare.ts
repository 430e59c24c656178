import express from "express";
import { listen } from "@sluice/runtime";
import { serveParent } from "../child.ts";

/** The most that Express gives on this machine: the body is read, nothing is done with it. */
serveParent(async () => {
  const app = express().disable("x-powered-by").disable("etag");
  app.post("/webhooks/:source", express.raw({ type: () => true }), (_request, response) => {
    response.status(202).json({ accepted: 1 });
  });
  // `listen` makes requests in the shape that an app of Express gives them; this service is to be Express' own.
  const server = await listen((request, response) => app(request, response), { role: "ingress", port: 0 });
  return { url: server.url, close: async () => await server.close(1000) };
});
