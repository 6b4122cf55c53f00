# Spanish. The reader is «tú»; words that serve in Spain and in America. A space before % and a unit does not break.
# Words to paint by are English in every language.

## First meeting
greeting =
    <b>¡Hola! Repinto fotos.</b>

    Mándame una y dime cómo quieres que quede:
    • escribe debajo unas palabras en inglés, por ejemplo <i>a stormy sea at night</i>,
    • o manda una segunda imagen y la pinto con su estilo,
    • o elige un cuadro famoso de mi lista.

    Tardo unos segundos. Con /help te cuento más.
help =
    <b>Qué puedes mandarme</b>
    • Una foto con unas palabras en inglés debajo: la pinto enseguida como sugieren tus palabras.
    • Una foto sola: después escribe unas palabras en inglés, manda una segunda imagen o toca un cuadro de la lista.
    • Dos fotos en un álbum: pinto la primera como la segunda.
    • Un álbum de hasta 10 fotos con unas palabras en inglés debajo: lo pinto todo en un mismo estilo y vuelve como álbum.
    • Una foto como archivo (hasta 20 MB, también HEIC y WebP): el resultado vuelve como archivo a tamaño completo.
    • En un grupo conmigo: responde a una foto con <i>/style</i> y unas palabras en inglés.

    <b>Debajo de cada resultado</b>
    Otro estilo, más suave, más fuerte, pinceladas más finas o más anchas, otros colores, o la imagen como archivo. No hace falta que mandes la foto otra vez.
    <i>Calidad máxima</i> la pinta de nuevo con más esmero. Te digo antes cuánto tarda, te enseño cómo avanza y puedes pararlo.
    <i>Guardar estilo</i> pone palabras, una imagen o una mezcla en tu lista. <i>Mantener estilo</i> pinta así tus próximas 10 fotos.

    /styles – la lista de cuadros, tus propios estilos, mezclas
    /history – lo que he pintado para ti
    /settings – cómo te gustan las imágenes, y mi idioma
    /cancel – dejar de pintar y empezar de cero
    /privacy – lo que guardo sobre ti
    /export – todo eso en un archivo
    /delete_me – borrar todo eso
description =
    Repinto fotos. Mándame una y dime cómo quieres que quede: con unas palabras en inglés, con una segunda imagen o como un cuadro famoso. Con /help te cuento más.
description-short = Repinto fotos según tus palabras, como una segunda imagen o como un cuadro famoso.
command-start = Lo que hago, en una imagen
command-help = Qué puedes mandarme
command-styles = La lista de cuadros
command-history = Lo que he pintado para ti
command-settings = Cómo te gustan las imágenes
command-cancel = Parar y empezar de cero
command-privacy = Lo que guardo sobre ti
command-export = Todo eso en un archivo
command-delete_me = Borrar todo lo que guardo sobre ti

## Choosing
choose-style = ¡Bonita foto! ¿Cómo la pinto? Escribe unas palabras en inglés, manda una segunda imagen o toca un cuadro:
choose-style-after-command = No sé leer comandos debajo de una foto, pero he guardado la foto. ¿Cómo la pinto? Escribe unas palabras en inglés, manda una segunda imagen o toca un cuadro:
choose-style-no-words = No he encontrado palabras debajo de tu foto, pero la he guardado. ¿Cómo la pinto? Escribe unas palabras en inglés, manda una segunda imagen o toca un cuadro:
choose-style-other-words = He guardado tu foto. ¿Cómo la pinto? Escribe otras palabras en inglés, manda una segunda imagen o toca un cuadro:
choose-another = La misma foto otra vez: escribe unas palabras en inglés, manda otra imagen o toca un cuadro:
choose-preset-first = Estos son los cuadros que conozco. Toca uno y mándame después tu foto.
preset-kept = <b>{ $title }</b>, buena elección. Ahora mándame tu foto.
sentence-kept = Me quedo con <i>«{ $sentence }»</i> como estilo. Ahora mándame la foto.
sentence-empty = Necesito unas palabras en inglés para pintar, por ejemplo <i>a stormy sea at night</i>.
sentence-too-long = Son { $length } caracteres y yo leo { $limit } como mucho. Dilo con menos palabras, por favor.
sentence-not-english = Lo siento, por ahora solo leo inglés. Dilo en inglés, por favor, por ejemplo <i>a stormy sea at night</i>.
sentence-abusive = Prefiero no pintar palabras que hacen daño. Dame mejor un ambiente, un lugar o un material, por ejemplo <i>a stormy sea at night</i>.
sentence-earlier-style = Uso el estilo que elegiste antes.
choose-style-album = ¡Bonito álbum! ¿En qué estilo lo pinto entero? Escribe unas palabras en inglés, manda una imagen o toca un cuadro:
album-one-picture = En tu álbum solo había una imagen que me sirve, así que he usado esa. ¿Cómo la pinto? Escribe unas palabras en inglés, manda una segunda imagen o toca un cuadro:
album-no-picture = En tu álbum no había ninguna imagen que me sirva. Mándame fotos, por favor.

## While it paints
status-next = Tu imagen es la siguiente…
status-queued = En la cola: puesto { $place }
status-held = Ahora mismo no puedo pintar: quien me gestiona tiene que echarme un vistazo. Tu imagen espera y llega en cuanto pueda.
status-painting = Pintando  { $bar }  { $percent } %
status-painting-finest =
    Pintando en calidad máxima
    { $bar }  { $percent } %
status-begun = Acabo de empezar…
finest-about = La calidad máxima tarda alrededor de { $duration }.
finest-at-most = La calidad máxima tarda como mucho { $duration }.
finest-left = Aún me lleva alrededor de { $duration }
duration-seconds =
    { $count ->
        [one] { $count } segundo
        [many] { $count } de segundos
       *[other] { $count } segundos
    }
duration-minute = un minuto
duration-minutes = { $count } minutos
button-stop = Parar
stopped = Ya lo he parado.
stopped-late = Ya está terminado.
already-painting-finest = Eso mismo ya lo estoy pintando. Más arriba ves por dónde voy.
already-painting = Eso mismo ya lo estoy pintando. Llega en un momento.
queue-full-user =
    { $limit ->
        [one] Todavía tienes una imagen esperando. He anotado este pedido: inténtalo otra vez cuando esté lista.
       *[other] Todavía tienes { $limit } imágenes esperando. He anotado este pedido: inténtalo otra vez cuando esté lista alguna.
    }
queue-full-total = Ahora mismo hay tanta gente que quiere imágenes que mi lista está llena. He anotado este pedido: inténtalo otra vez en unos minutos.
cancelled-jobs =
    { $count ->
        [one] Ya lo he parado. Mándame una foto cuando quieras.
       *[other] He parado las { $count } imágenes. Mándame una foto cuando quieras.
    }
cancelled-draft = De acuerdo, olvidado. Mándame una foto cuando quieras.
cancelled-nothing = No había nada que parar. Mándame una foto cuando quieras.

## Results
result-preset = Pintado como <b>{ $title }</b> · { $artist }
result-sentence = Pintado según <i>«{ $sentence }»</i>
result-picture = Pintado como tu imagen
result-mix = Pintado como
mix-part = <b>{ $title }</b> { $percent } %
style-picture = Tu imagen
result-strength = fuerza { $percent } %
result-strokes =
    { $percent ->
        [50] pinceladas muy finas
        [70] pinceladas finas
        [140] pinceladas anchas
       *[200] pinceladas muy anchas
    }
result-finest = calidad máxima
result-understood = He entendido: { $words }
result-enlarged = pintado a { $side } px y ampliado
result-held-back-full = Con más fuerza tu foto habría desaparecido, así que me quedé en la fuerza completa.
result-held-back-gently = Este estilo habría tapado tu foto, así que lo apliqué con más suavidad.
result-held-back-partly = Este estilo habría tapado tu foto, así que dejé que se vea en parte.
result-colours-matched = con tus colores
result-colours-luminance = con tus colores exactos
result-colours-only = solo los colores
button-another = Otro estilo
button-finest = Calidad máxima
button-softer = − Más suave
button-stronger = + Más fuerte
button-finer = Pinceladas más finas
button-broader = Pinceladas más anchas
button-colours = Colores…
button-colours-style = Los colores del estilo
button-colours-matched = Conservar mis colores
button-colours-luminance = Conservar cada color exacto
button-colours-only = Solo los colores, sin pinceladas
button-back = ‹ Volver
button-file = Como archivo
button-resend = Mandar otra vez
button-save = Guardar estilo
button-keep = Mantener estilo
button-keep-no-more = Volver a preguntarme en cada foto
button-random = Sorpréndeme
button-mix = Mezclar estilos…
button-paint-mix = Pintar esta mezcla
button-mine = Mis estilos…
button-rename = Renombrar
button-unsave = Borrar
button-last-photo = Pintar así mi última foto
file-coming = Tu archivo está en camino.
file-there = Ya lo tienes como archivo, un poco más arriba.
strongest = Más fuerte no puede ser.
softest = Más suave no puede ser.
broadest = Las pinceladas no pueden ser más anchas.
finest = Las pinceladas no pueden ser más finas.
colours-worn = Ya lleva estos colores.

album-done = Ese era tu álbum. Con los botones de este mensaje puedes cambiarlo entero de una vez.

## Styles of one's own
mix-choose =
    { $limit ->
        [one] Toca un estilo.
       *[other] Toca hasta { $limit } estilos.
    } Con los botones de abajo le das a cada uno su parte.
mix-full =
    { $limit ->
        [one] En una mezcla cabe un estilo.
       *[other] En una mezcla caben { $limit } estilos.
    } Toca otra vez uno de los tuyos para quitarlo.
saved = Guardado como «{ $name }». Lo encuentras en todas las listas de estilos; en «Mis estilos» puedes cambiarle el nombre.
saved-too-many = Ya no puedo guardarte más estilos. Borra antes alguno en la lista de estilos.
unsaved = «{ $name }» ya no está guardado.
rename-ask = ¿Cómo llamo a <b>{ $name }</b> a partir de ahora? Escríbemelo.
renamed = A partir de ahora se llama <b>{ $name }</b>.
kept =
    { $count ->
        [one] Tu próxima foto también la pinto así: <b>{ $title }</b>. Si lleva palabras debajo, cuentan más las palabras.
       *[other] Tus próximas { $count } fotos también las pinto así: <b>{ $title }</b>. Si una lleva palabras debajo, cuentan más las palabras.
    }
kept-no-more = De acuerdo, te vuelvo a preguntar en cada foto.
kept-over = Esa era la última foto con <b>{ $title }</b>. En la próxima te vuelvo a preguntar.
history = <b>Lo que he pintado para ti</b>, lo más nuevo primero. Toca un número y te lo mando otra vez.
history-nothing = Todavía no he pintado nada para ti. ¡Mándame una foto!
again-coming = Está en camino.
again-painting = Ya no lo tengo, así que lo pinto otra vez.
again-refused = Telegram no ha aceptado esa imagen otra vez. Mándame la foto de nuevo y la pinto otra vez.

## Settings
settings =
    <b>Cómo te gustan las imágenes</b>

    Lo que elijas aquí vale para cada foto nueva. Los botones debajo de un resultado cambian solo ese resultado.
setting-quick = Rápido
setting-strength = Fuerza { $percent } %
setting-size-usual = Normal
setting-as-sent = Como la mandes
setting-always-file = Siempre como archivo
setting-language-app = Idioma de mi app

## What is kept
privacy =
    <b>Lo que guardo sobre ti</b>
    • Tus fotos y lo que he pintado con ellas: en mi disco, durante { $hours } horas desde la última vez que las usé o las pinté.
    • Lo que pediste: las palabras o los cuadros que elegiste, lo que tocaste debajo de los resultados, cuándo fue y cómo salió.
    • Los números de Telegram, el tuyo y los de nuestros chats y mensajes y tus imágenes, los nombres de los archivos de imagen y tu idioma. Tu nombre, no.
    • Otros mensajes, solo hasta que los he contestado.
    • En los grupos solo oigo lo que va dirigido a mí, y una foto que me pides pintar allí cuenta como tuya.
    • A quién ha bloqueado quien me gestiona: solo el número, que se queda cuando se borra lo demás.

    Pinto en mi propia máquina. Solo enseño tus imágenes en el chat donde lo pediste, a nadie más, tampoco a quien me gestiona, y no escribo ni tus imágenes ni tus palabras en ningún registro. Quien me gestiona podría mirar el disco y puede que haga copias de seguridad.

    /export te manda lo que tengo anotado sobre ti, /delete_me lo borra todo al momento.
export = Todo lo que tengo anotado sobre ti, con las horas en UTC. Las imágenes están en nuestros chats.
export-nothing = No tengo nada anotado sobre ti.
delete-ask = ¿Borro todo lo que guardo sobre ti: fotos, resultados, estilos y pedidos? Dejo de pintar lo que esté pintando. No podré recuperar nada.
deleted =
    Hecho. He parado todo el trabajo para ti y he borrado todo lo que guardaba sobre ti.

    Este chat con sus imágenes lo guarda Telegram y ahí no puedo borrarlo; tú sí, en el menú de este chat. Lo que mandé a grupos también se queda allí. Los botones de mis imágenes ya no funcionan. Si me vuelves a mandar algo, empezamos de cero.
delete-kept = De acuerdo, todo se queda como está.
button-delete-all = Sí, borrar todo
button-keep-all = Conservar

## Taps that lead nowhere
tap-stale = Ese botón es de algo anterior. Mándame una foto o usa los botones de tu imagen más reciente.
tap-foreign = Ese botón no es tuyo. Mándame una foto tuya.
tap-preset-gone = Ya no tengo ese cuadro. /styles muestra los que conozco.

## Unexpected things
not-yet-moving = Todavía no sé pintar imágenes en movimiento, solo fijas.
not-yet-sticker = Todavía no sé pintar stickers. Mándalo como foto.
not-a-voice = No puedo escuchar sonidos. Mejor escríbeme unas palabras en inglés.
not-a-picture-file = Ese archivo no es una imagen que yo conozca. Manda una foto o un archivo JPEG, PNG, WebP o HEIC.
unexpected = No sé qué hacer con eso. Mándame una foto.
unexpected-edit = No releo los mensajes editados. Mándalo otra vez con las palabras nuevas y lo pinto.
unknown-command = No conozco ese comando. /help muestra lo que sé hacer.
still-style = Todavía tengo tu foto: escribe unas palabras en inglés, manda una imagen o toca un cuadro.
still-name = Sigo esperando el nombre nuevo de tu estilo: escríbemelo.
still-photo = Todavía tengo tu estilo: mándame la foto.
file-too-large = Ese archivo pasa de los 20 MB que Telegram me deja descargar. Manda uno más pequeño o mándalo como foto.

## What can go wrong with a picture
error-picture-unreadable = No he podido leer esa imagen; parece dañada. Guárdala de nuevo y mándamela otra vez, por favor.
error-picture-too_large = Esa imagen tiene demasiados píxeles para mí. Manda una más pequeña, por favor.
error-picture-too_small = Esa imagen es demasiado pequeña para pintarla, o demasiado estrecha. Manda una más grande, por favor.
error-picture-unsupported = No conozco ese tipo de archivo. Manda una imagen JPEG, PNG, WebP o HEIC, por favor.
error-picture-animated = Todavía no sé pintar imágenes en movimiento. Manda una fija, por favor.
error-picture-empty = Ese archivo está vacío. Mándalo otra vez, por favor.
error-style = No puedo pintar con eso. Escribe otras palabras en inglés o elige algo de /styles.
error-memory = Esa imagen es demasiado grande para mi memoria. Manda una más pequeña, por favor, o mándala como foto y no como archivo.
error-weights = Ahora mismo no puedo pintar: quien me gestiona tiene que echarme un vistazo. Inténtalo más tarde, por favor.
error-too-slow = Tardaba demasiado y lo he parado. Prueba con una imagen más pequeña, por favor.
error-crashed = Algo se ha roto tres veces mientras pintaba esa imagen. Prueba con otra, por favor.
error-input-gone = Telegram ya no me da esa imagen. Mándala otra vez, por favor.
error-input-too_large = Ese archivo pasa de los 20 MB que Telegram me deja descargar. Manda uno más pequeño o mándalo como foto.
error-input-network = No he podido descargar tu imagen de Telegram. Mándala otra vez en un momento, por favor.
error-internal = Algo ha salido mal por mi parte. Inténtalo otra vez, por favor. (código { $code })
delivery-unknown = He mandado tu imagen, pero Telegram no ha dicho si ha llegado. ¿No la ves?

## Groups
command-style = Como respuesta a una foto: pintarla
choose-in-group = ¿Cómo la pinto? Responde a esto con unas palabras en inglés o toca un cuadro:
group-hello = ¡Hola! Responde aquí a una foto con <i>/style a stormy sea</i> y la pinto como sugieren tus palabras, que tienen que estar en inglés. Con <i>/style</i> a secas te enseño cuadros famosos para elegir.
group-how = Responde a una foto con <i>/style</i> o <i>@{ $bot }</i> y unas palabras en inglés, por ejemplo <i>/style a stormy sea</i>, y la pinto.
group-help =
    <b>En grupos</b>
    • Responde a una foto con <i>/style a stormy sea</i> o <i>@{ $bot } a stormy sea</i>, o escríbelo debajo de una foto tuya: la pinto como sugieren tus palabras, que tienen que estar en inglés.
    • <i>/style</i> a secas muestra cuadros famosos para tocar. Donde haya otros bots, escribe <i>/style@{ $bot }</i>.
    • <i>/cancel</i> para lo que estoy pintando aquí para ti.

    Los botones debajo de una imagen son de quien la pidió. En nuestro chat privado sé hacer más.
group-private = Eso es para nuestro chat privado: ábrelo con este botón.
group-anonymous = No puedo ver quién eres mientras escribes como grupo o canal. Pídemelo con tu propia cuenta, por favor.
group-cancelled =
    { $count ->
        [0] Aquí no estoy pintando nada para ti.
        [one] Ya lo he parado.
       *[other] He parado las { $count } imágenes.
    }
button-private = Abrir nuestro chat
tap-private = Hazlo en nuestro chat privado: ahí /styles te enseña tus estilos.

## Waiting and limits
status-next-in = Tu imagen es la siguiente: alrededor de { $duration }
status-queued-for = En la cola: puesto { $place }, alrededor de { $duration }
duration-hours =
    { $count ->
        [one] { $count } hora
        [many] { $count } de horas
       *[other] { $count } horas
    }
queue-full-day =
    { $limit ->
        [one] En 24 horas pinto una imagen para cada persona.
       *[other] En 24 horas pinto { $limit } imágenes para cada persona; una en calidad máxima cuenta como { $finest }.
    } He anotado este pedido: hay que esperar alrededor de { $duration }.
queue-full-total-for = Ahora mismo hay tanta gente que quiere imágenes que mi lista está llena; pintarlo todo lleva alrededor de { $duration }. Con cada imagen terminada queda un puesto libre. He anotado este pedido: inténtalo otra vez dentro de un rato.
button-retry = Intentar otra vez
retry-not-yet = Todavía no, lo siento.

## While the operator looks after the bot
status-resting = Ahora mismo me están cuidando. Tu imagen espera y llega sola.
