"use client";

import * as main from "edge-cashier";
import * as launcher from "edge-cashier/launcher";
import * as webhook from "edge-cashier/webhook";
import { useEffect } from "react";
import { runChecks } from "../../checks.mjs";

export default function Page() {
  useEffect(() => {
    runChecks({ main, webhook, launcher }, { inBrowser: true }).then((results) => {
      globalThis.checks = results;
    });
  }, []);
  return <p>A client component</p>;
}
