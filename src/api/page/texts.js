// The words of the page in its two languages, and how they write numbers and times.

const texts = {
  en: {
    skip: "Skip to the content", company: "Company",
    draw: "Draw a file", language: "Language", leave: "Sign out",
    theme_dark: "Dark", theme_light: "Light",
    login_title: "Sign in",
    login_how: "With name and password, or the link that cauce printed when it started. " +
      "To sign in with a token, leave the name empty.",
    user: "Name or e-mail address", secret: "Password or token", enter: "Sign in",
    login_refused: "This token or link is not valid, or it was used already.",
    login_wrong: "Name and password do not match, or this user may not sign in.",
    login_wait: "Too many attempts. Wait a minute and try again.",
    fresh_user_how: "Or choose a name and a password to sign in with from now on:",
    new_password: "Password, 10 characters at least", make_user: "Choose",
    user_made: "Done. Sign in with this name from now on.",
    fresh_title: "Your token",
    fresh_how: "You are signed in. This token is shown once: keep it to sign in from elsewhere.",
    copy: "Copy", copied: "Copied", kept: "I have kept it",
    empty_title: "No devices yet", empty_how: "Add the first one in a terminal:",
    device: "Device", metric: "Metric", range: "Range",
    range_15m: "15 min", range_6h: "6 h", range_24h: "24 h", range_all: "All",
    window: "Window", window_auto: "what fits", window_1m: "1 min", window_15m: "15 min",
    window_1h: "1 h", window_1d: "1 day",
    curve_keys: "Drag to zoom. Keys: ← → read values, + − zoom, 0 back.",
    alarms: "Alarms", no_alarms: "No alarm so far.",
    messages: "Messages per second", peak: "Highest in 5 minutes: {0}",
    groups: "Oldest unprocessed", nothing_waits: "nothing waits",
    disk: "Disk left", disk_words: "{0} of {1} free",
    silent: "Silent devices", none_silent: "Every device has sent something lately.",
    never: "never sent", undecodable: "Messages that cannot be read",
    none_undecodable: "Every message could be read.",
    devices: "Devices", place: "Site", last_seen: "Last message", last_values: "Values",
    more_devices: "The first {0} devices are shown.",
    all_well: "Everything works.", attention: "Something needs attention.",
    open_mode: "Open mode: any client on this machine may send. For tests only.",
    lost: "No connection to cauce. Trying again …",
    ago: "{0} ago", just_now: "now",
    points: "Every value, {0} in view",
    windows: "Line: mean of each {0}. Band: lowest to highest.",
    no_values: "No values in this range. The newest is from {0}.",
    not_numeric: "These values are not numbers: {0}",
    mean: "mean", of_values: "{0} to {1}, {2} values", still: "still open",
    zoomed: "zoomed in, press 0 to go back",
    short_above: "above {0}", short_below: "below {0}", short_silence: "silent",
    short_undecodable: "unreadable", short_anomaly: "unusual", lasted: "lasted {0}",
    identify: "from an unknown sender", decrypt: "cannot be decrypted", parse: "cannot be parsed",
    curve_says: "{0} from {1} to {2}: lowest {3}, highest {4}; {5} alarms.",
    disabled: "disabled",
    ledger: "What arrives from {0}", ledger_well: "Nothing is wrong with it.",
    ledger_messages: "Messages: today · in all", ledger_missing: "Missing",
    ledger_duplicates: "Came twice", ledger_unreadable: "Unreadable", ledger_bytes: "Size",
    ledger_interval: "Usually sends every", ledger_silence: "Longest silence",
    ledger_ahead: "Clock ahead by", ledger_behind: "Clock behind, or sends late, by",
    commands: "Commands for {0}", no_commands: "None in the last 30 days.",
    command_payload: "Command (JSON or text)", command_wait: "waits for",
    command_1m: "1 minute", command_1h: "1 hour", command_1d: "1 day", command_send: "Send",
    command_withdraw: "Withdraw", command_left: "{0} left",
    command_waiting: "waits for the device", command_sent: "sent, not acknowledged yet",
    command_given: "sent; the device does not say whether it arrived",
    command_acknowledged: "the device has it", command_refused: "the device refused it",
    command_answered: "answered", command_withdrawn: "withdrawn", command_expired: "expired",
    command_perhaps: "It was sent before: the device may have it.",
  },
  es: {
    skip: "Saltar al contenido", company: "Empresa",
    draw: "Dibujar un archivo", language: "Idioma", leave: "Salir",
    theme_dark: "Oscuro", theme_light: "Claro",
    login_title: "Entrar",
    login_how: "Con nombre y contraseña, o con el enlace que mostró cauce al arrancar. " +
      "Para entrar con un token, deje el nombre vacío.",
    user: "Nombre o correo electrónico", secret: "Contraseña o token", enter: "Entrar",
    login_refused: "El token o el enlace no es válido, o ya se ha usado.",
    login_wrong: "El nombre y la contraseña no coinciden, o este usuario no puede entrar.",
    login_wait: "Demasiados intentos. Espere un minuto y pruebe de nuevo.",
    fresh_user_how: "O elija un nombre y una contraseña para entrar a partir de ahora:",
    new_password: "Contraseña, al menos 10 caracteres", make_user: "Elegir",
    user_made: "Hecho. Entre con este nombre a partir de ahora.",
    fresh_title: "Su token",
    fresh_how: "Ha entrado. Este token se muestra una sola vez: guárdelo para entrar desde otro " +
      "lugar.",
    copy: "Copiar", copied: "Copiado", kept: "Ya lo he guardado",
    empty_title: "Aún no hay dispositivos", empty_how: "Añada el primero en un terminal:",
    device: "Dispositivo", metric: "Medida", range: "Intervalo",
    range_15m: "15 min", range_6h: "6 h", range_24h: "24 h", range_all: "Todo",
    window: "Ventana", window_auto: "la que quepa", window_1m: "1 min", window_15m: "15 min",
    window_1h: "1 h", window_1d: "1 día",
    curve_keys: "Arrastre para ampliar. Teclas: ← → leer valores, + − ampliar, 0 volver.",
    alarms: "Alarmas", no_alarms: "Ninguna alarma hasta ahora.",
    messages: "Mensajes por segundo", peak: "Máximo en 5 minutos: {0}",
    groups: "Más antiguo sin procesar", nothing_waits: "nada pendiente",
    disk: "Disco libre", disk_words: "{0} libres de {1}",
    silent: "Dispositivos en silencio",
    none_silent: "Todos los dispositivos han enviado algo hace poco.",
    never: "nunca ha enviado", undecodable: "Mensajes que no se pueden leer",
    none_undecodable: "Todos los mensajes se han podido leer.",
    devices: "Dispositivos", place: "Lugar", last_seen: "Último mensaje", last_values: "Valores",
    more_devices: "Se muestran los primeros {0} dispositivos.",
    all_well: "Todo funciona.", attention: "Algo necesita atención.",
    open_mode: "Modo abierto: cualquier cliente de esta máquina puede enviar. Solo para pruebas.",
    lost: "Sin conexión con cauce. Se vuelve a intentar …",
    ago: "hace {0}", just_now: "ahora",
    points: "Todos los valores, {0} a la vista",
    windows: "Línea: media de cada {0}. Banda: del mínimo al máximo.",
    no_values: "No hay valores en este intervalo. El más reciente es de {0}.",
    not_numeric: "Estos valores no son números: {0}",
    mean: "media", of_values: "de {0} a {1}, {2} valores", still: "sigue abierta",
    zoomed: "ampliado, pulse 0 para volver",
    short_above: "más de {0}", short_below: "menos de {0}", short_silence: "en silencio",
    short_undecodable: "ilegible", short_anomaly: "inusual", lasted: "duró {0}",
    identify: "de un remitente desconocido", decrypt: "no se pueden descifrar",
    parse: "no se pueden interpretar",
    curve_says: "{0} del {1} al {2}: mínimo {3}, máximo {4}; {5} alarmas.",
    disabled: "desactivado",
    ledger: "Qué llega de {0}", ledger_well: "No le pasa nada.",
    ledger_messages: "Mensajes: hoy · en total", ledger_missing: "Faltan",
    ledger_duplicates: "Llegaron dos veces", ledger_unreadable: "Ilegibles",
    ledger_bytes: "Tamaño", ledger_interval: "Suele enviar cada",
    ledger_silence: "Silencio más largo", ledger_ahead: "Reloj adelantado",
    ledger_behind: "Reloj atrasado, o envía tarde",
    commands: "Órdenes para {0}", no_commands: "Ninguna en los últimos 30 días.",
    command_payload: "Orden (JSON o texto)", command_wait: "espera",
    command_1m: "1 minuto", command_1h: "1 hora", command_1d: "1 día", command_send: "Enviar",
    command_withdraw: "Retirar", command_left: "quedan {0}",
    command_waiting: "espera al dispositivo", command_sent: "enviada, aún sin confirmar",
    command_given: "enviada; el dispositivo no dice si llegó",
    command_acknowledged: "el dispositivo la tiene",
    command_refused: "el dispositivo la rechazó", command_answered: "contestada",
    command_withdrawn: "retirada", command_expired: "caducada",
    command_perhaps: "Ya se había enviado: el dispositivo puede tenerla.",
  },
};

const unit_signs = { Cel: "°C", "[degF]": "°F", "%RH": "%", "1": "" };

let language = localStorage.getItem("cauce.language") ||
  ((navigator.language || "").startsWith("es") ? "es" : "en");

export const current_language = () => language;

export function choose_language(name) {
  language = name;
  localStorage.setItem("cauce.language", name);
  apply_texts();
}

// The words of another page, by language like those above.
export function add_texts(more) {
  for (const name of Object.keys(texts)) Object.assign(texts[name], more[name]);
}

export function t(name, ...values) {
  return texts[language][name].replace(/\{(\d)\}/g, (_, index) => values[index]);
}

// Puts the words into the elements that name them.
export function apply_texts() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = t(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

const locale = () => (language === "es" ? "es-ES" : "en-GB");

export function number(value, digits = 5) {
  if (typeof value !== "number") return String(value);
  return new Intl.NumberFormat(locale(), {
    maximumSignificantDigits: Math.abs(value) >= 10 ** digits ? 12 : digits,
    maximumFractionDigits: 12, useGrouping: true,
  }).format(value).replace("-", "−");
}

// A tick of an axis, with as many decimals as its step needs.
export function tick_number(value, step) {
  const decimals = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  }).format(value).replace("-", "−");
}

export function unit_sign(unit) { return unit in unit_signs ? unit_signs[unit] : unit; }

export function with_unit(value, unit, digits = 5) {
  const sign = unit_sign(unit);
  return sign ? `${number(value, digits)}\u00a0${sign}` : number(value, digits);
}

export function time(moment, options) {
  return new Intl.DateTimeFormat(locale(), { hour12: false, ...options }).format(moment);
}

export function full_time(moment) {
  return time(moment, { day: "numeric", month: "short", year: "numeric", hour: "2-digit",
    minute: "2-digit", second: "2-digit" });
}

// A sentence of the API in the chosen language, its moments in local time as short as they can be.
export function sentence(text) {
  let day_before = "";
  return text[language].replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (stamp) => {
    const moment = Date.parse(stamp);
    const day = time(moment, { day: "numeric", month: "short" });
    const clock = time(moment, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const short = day === day_before ? clock : `${day}, ${clock}`;
    day_before = day;
    return short;
  }).replace(/(\d) (?=[%°])/g, "$1\u00a0").replace(/ -(?=\d)/g, " −");
}

// "< 1 ms", "12 s", "3 min", "2 h 10 min", "5 d"
export function span(seconds) {
  if (seconds > 0 && seconds < 0.001) return "< 1 ms";
  if (seconds < 1) return `${number(Math.max(0, seconds), 1)} s`;
  if (seconds < 100 && seconds !== 60) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds - hours * 3600) / 60);
  if (hours < 10) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  if (hours < 48) return `${Math.round(seconds / 3600)} h`;
  return `${number(Math.round(seconds / 86400))} d`;
}

export function ago(moment, now) {
  const seconds = (now - moment) / 1000;
  return seconds < 2 ? t("just_now") : t("ago", span(seconds));
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let index = 0;
  while (count >= 1000 && index < units.length - 1) {
    count /= 1000;
    ++index;
  }
  return `${number(count, 3)} ${units[index]}`;
}
