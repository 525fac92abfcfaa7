import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n.js";
import { go } from "../router.js";
import { accounts, type Account, codeOfLink, enter, goOn, GridwalkError, wasErased } from "../session.js";
import { language } from "../settings.js";
import { Button, Link, Text } from "../ui.js";

export function SignIn() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState(codeOfLink);
  const [shown, setShown] = useState(false);
  const [state, setState] = useState<"" | "busy" | "wrong" | "offline" | "code">("");
  const [known, setKnown] = useState<Account[]>([]);
  useEffect(() => void accounts().then(setKnown), []);
  const submit = async (e: Event) => {
    e.preventDefault();
    setState("busy");
    try {
      await enter(email, password, code);
      go("", { replace: true });
    } catch (err) {
      setState(!(err instanceof GridwalkError) ? "offline" : err.code === "bad_code" ? "code" : err.kind === "sign_in" ? "wrong" : "offline");
    }
  };
  return (
    <main class="signin">
      <p class="lang"><button class="button quiet" onClick={() => (language.value = language.value === "zh" ? "en" : "zh")}>{language.value === "zh" ? "English" : "中文"}</button></p>
      <h1>{t("appName")}</h1>
      {wasErased.value && <p role="alert">{t("wasErased")}</p>}
      {known.length > 0 && <section aria-label={t("knownAccounts")}>{known.map((account) => <Button key={account.officer} kind="main" onClick={() => goOn(account)}>{t("continueAs", { name: account.name })}</Button>)}</section>}
      <form onSubmit={(e) => void submit(e)}>
        <Text name={t("email")} value={email} onInput={setEmail} kind="email" mode="email" auto="username" />
        <Text name={t("password")} value={password} onInput={setPassword} kind={shown ? "text" : "password"} auto="current-password" />
        <label class="check"><input type="checkbox" checked={shown} onChange={() => setShown(!shown)} />{t("showPassword")}</label>
        <details open={code !== "" || state === "code"}>
          <summary>{t("haveCode")}</summary>
          <Text name={t("enrolmentCode")} value={code} onInput={setCode} max={40} />
        </details>
        <p class="error" role="alert">{state === "code" ? t("badCode") : state === "wrong" ? t("wrongPassword") : state === "offline" ? t("noSignalSignIn") : ""}</p>
        <button class="button main" disabled={state === "busy" || !email || !password}>{state === "busy" ? t("signingIn") : t("signIn")}</button>
      </form>
      <p><Link to="check">{t("selfCheck")}</Link></p>
    </main>
  );
}
