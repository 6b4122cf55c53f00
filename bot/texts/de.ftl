# German. The reader is “du”. A space before % and a unit does not break. Words to paint by are English in every language.

## First meeting
greeting =
    <b>Hallo! Ich male deine Fotos neu.</b>

    Schick mir eins und sag mir, wie es aussehen soll:
    • Schreib ein paar Worte auf Englisch darunter, zum Beispiel <i>a stormy sea at night</i>,
    • oder schick ein zweites Bild, und ich male deins so wie dieses,
    • oder such dir ein berühmtes Gemälde aus meiner Liste aus.

    Das dauert ein paar Sekunden. Mehr erfährst du mit /help.
help =
    <b>Was du mir schicken kannst</b>
    • Ein Foto mit ein paar Worten auf Englisch darunter: Ich male es gleich passend zu deinen Worten.
    • Ein Foto, und danach Worte auf Englisch, ein zweites Bild oder ein Gemälde, das du in der Liste antippst.
    • Zwei Fotos in einem Album: Das erste male ich wie das zweite.
    • Ein Album mit bis zu 10 Fotos und ein paar Worten auf Englisch darunter: Ich male alle im selben Stil, und sie kommen als Album zurück.
    • Ein Foto als Datei (bis 20 MB, auch HEIC und WebP): Das Ergebnis kommt als Datei in voller Größe zurück.
    • In einer Gruppe mit mir: Antworte auf ein Foto mit <i>/style</i> und ein paar Worten auf Englisch.

    <b>Unter jedem Ergebnis</b>
    Ein anderer Stil, sanfter, stärker, feinere oder breitere Striche, andere Farben oder das Bild als Datei. Das Foto musst du nicht noch einmal schicken.
    <i>Höchste Qualität</i> malt es noch einmal mit mehr Sorgfalt. Ich sage vorher, wie lange das dauert, zeige, wie es wächst, und du kannst es stoppen.
    <i>Stil speichern</i> nimmt Worte, ein Bild oder eine Mischung in deine Liste auf. <i>Stil behalten</i> malt deine nächsten 10 Fotos genauso.

    /styles – die Liste der Gemälde, deine eigenen Stile, Mischungen
    /history – was ich für dich gemalt habe
    /settings – wie du deine Bilder magst, und meine Sprache
    /cancel – aufhören und neu anfangen
    /privacy – was ich über dich aufbewahre
    /export – alles davon als Datei
    /delete_me – alles davon löschen
description =
    Ich male Fotos neu. Schick mir eins und sag, wie es aussehen soll: mit ein paar Worten auf Englisch, mit einem zweiten Bild oder wie ein berühmtes Gemälde. Mehr erfährst du mit /help.
description-short = Malt Fotos neu: nach deinen Worten, nach einem zweiten Bild oder nach einem berühmten Gemälde.
command-start = Was ich mache, in einem Bild
command-help = Was du mir schicken kannst
command-styles = Die Liste der Gemälde
command-history = Was ich für dich gemalt habe
command-settings = Wie du deine Bilder magst
command-cancel = Aufhören und neu anfangen
command-privacy = Was ich über dich aufbewahre
command-export = Alles davon als Datei
command-delete_me = Alles löschen, was ich über dich aufbewahre

## Choosing
choose-style = Schönes Foto! Wie soll ich es malen? Schreib ein paar Worte auf Englisch, schick ein zweites Bild oder tipp ein Gemälde an:
choose-style-after-command = Befehle unter einem Foto kann ich nicht lesen, aber das Foto habe ich behalten. Wie soll ich es malen? Schreib ein paar Worte auf Englisch, schick ein zweites Bild oder tipp ein Gemälde an:
choose-style-no-words = Unter deinem Foto habe ich keine Worte gefunden, aber ich habe es behalten. Wie soll ich es malen? Schreib ein paar Worte auf Englisch, schick ein zweites Bild oder tipp ein Gemälde an:
choose-style-other-words = Dein Foto habe ich behalten. Wie soll ich es malen? Schreib andere Worte auf Englisch, schick ein zweites Bild oder tipp ein Gemälde an:
choose-another = Noch einmal dasselbe Foto: Schreib ein paar Worte auf Englisch, schick ein anderes Bild oder tipp ein Gemälde an:
choose-preset-first = Diese Gemälde kenne ich. Tipp eins an und schick mir dann dein Foto.
preset-kept = <b>{ $title }</b>, gute Wahl. Schick mir jetzt dein Foto.
sentence-kept = Ich merke mir <i>„{ $sentence }“</i> als Stil. Schick mir jetzt das Foto dafür.
sentence-empty = Ich brauche ein paar Worte auf Englisch, nach denen ich malen kann, zum Beispiel <i>a stormy sea at night</i>.
sentence-too-long = Das sind { $length } Zeichen, und ich lese höchstens { $limit }. Sag es bitte kürzer.
sentence-not-english = Leider lese ich bisher nur Englisch. Sag es bitte auf Englisch, zum Beispiel <i>a stormy sea at night</i>.
sentence-abusive = Worte, die andere verletzen, male ich lieber nicht. Nenn mir stattdessen eine Stimmung, einen Ort oder ein Material, zum Beispiel <i>a stormy sea at night</i>.
sentence-earlier-style = Ich nehme den Stil, den du vorher ausgesucht hast.
choose-style-album = Schönes Album! In welchem Stil soll ich alles malen? Schreib ein paar Worte auf Englisch, schick ein Bild oder tipp ein Gemälde an:
album-one-picture = In deinem Album war nur ein Bild, mit dem ich etwas anfangen kann, also habe ich das genommen. Wie soll ich es malen? Schreib ein paar Worte auf Englisch, schick ein zweites Bild oder tipp ein Gemälde an:
album-no-picture = In deinem Album war kein Bild, mit dem ich etwas anfangen kann. Schick mir bitte Fotos.

## While it paints
status-next = Du bist als Nächstes dran…
status-queued = In der Warteschlange: Platz { $place }
status-held = Ich kann gerade nicht malen: Mein Betreiber muss nach mir sehen. Dein Bild wartet und kommt, sobald ich kann.
status-painting = Ich male  { $bar }  { $percent } %
status-painting-finest =
    Ich male in höchster Qualität
    { $bar }  { $percent } %
status-begun = Ich habe gerade angefangen…
finest-about = Höchste Qualität dauert etwa { $duration }.
finest-at-most = Höchste Qualität dauert höchstens { $duration }.
finest-left = Noch etwa { $duration }
duration-seconds =
    { $count ->
        [one] { $count } Sekunde
       *[other] { $count } Sekunden
    }
duration-minute = eine Minute
duration-minutes = { $count } Minuten
button-stop = Stopp
stopped = Gestoppt.
stopped-late = Es ist schon fertig.
already-painting-finest = Genau das male ich schon. Weiter oben siehst du, wie weit ich bin.
already-painting = Genau das male ich schon. Gleich ist es da.
queue-full-user =
    { $limit ->
        [one] Ein Bild von dir wartet noch. Diesen Auftrag habe ich mir gemerkt: Versuch es noch einmal, wenn das Bild fertig ist.
       *[other] { $limit } Bilder von dir warten noch. Diesen Auftrag habe ich mir gemerkt: Versuch es noch einmal, wenn eins fertig ist.
    }
queue-full-total = Gerade wollen so viele Leute Bilder, dass meine Liste voll ist. Diesen Auftrag habe ich mir gemerkt: Versuch es in ein paar Minuten noch einmal.
cancelled-jobs =
    { $count ->
        [one] Gestoppt. Schick mir ein Foto, wann immer du magst.
       *[other] Alle { $count } gestoppt. Schick mir ein Foto, wann immer du magst.
    }
cancelled-draft = Alles klar, schon vergessen. Schick mir ein Foto, wann immer du magst.
cancelled-nothing = Es gab nichts zu stoppen. Schick mir ein Foto, wann immer du magst.

## Results
result-preset = Gemalt wie <b>{ $title }</b> · { $artist }
result-sentence = Gemalt nach <i>„{ $sentence }“</i>
result-picture = Gemalt wie dein Bild
result-mix = Gemalt wie
mix-part = <b>{ $title }</b> { $percent } %
style-picture = Dein Bild
result-strength = Stärke { $percent } %
result-strokes =
    { $percent ->
        [50] sehr feine Striche
        [70] feine Striche
        [140] breite Striche
       *[200] sehr breite Striche
    }
result-finest = höchste Qualität
result-understood = Verstanden habe ich: { $words }
result-enlarged = mit { $side } px gemalt und vergrößert
result-held-back-full = Mehr als volle Stärke hätte dein Foto verdeckt, darum bin ich bei voller Stärke geblieben.
result-held-back-gently = Dieser Stil hätte dein Foto verdeckt, darum habe ich ihn sanfter aufgetragen.
result-held-back-partly = Dieser Stil hätte dein Foto verdeckt, darum lasse ich es zum Teil durchscheinen.
result-colours-matched = in deinen Farben
result-colours-luminance = in genau deinen Farben
result-colours-only = nur die Farben
button-another = Anderer Stil
button-finest = Höchste Qualität
button-softer = − Sanfter
button-stronger = + Stärker
button-finer = Feinere Striche
button-broader = Breitere Striche
button-colours = Farben…
button-colours-style = Farben des Stils
button-colours-matched = Meine Farben behalten
button-colours-luminance = Jede Farbe genau behalten
button-colours-only = Nur die Farben, keine Striche
button-back = ‹ Zurück
button-file = Als Datei
button-resend = Noch einmal schicken
button-save = Stil speichern
button-keep = Stil behalten
button-keep-no-more = Wieder bei jedem Foto fragen
button-random = Überrasch mich
button-mix = Stile mischen…
button-paint-mix = Mischung malen
button-mine = Meine Stile…
button-rename = Umbenennen
button-unsave = Löschen
button-last-photo = Mein letztes Foto so malen
file-coming = Deine Datei ist unterwegs.
file-there = Du hast es schon als Datei, ein Stück weiter oben.
strongest = Stärker geht es nicht.
softest = Sanfter geht es nicht.
broadest = Breiter werden die Striche nicht.
finest = Feiner werden die Striche nicht.
colours-worn = Diese Farben hat es schon.

album-done = Das war dein Album. Unter dieser Nachricht kannst du alles auf einmal ändern.

## Styles of one's own
mix-choose =
    { $limit ->
        [one] Tipp einen Stil an.
       *[other] Tipp bis zu { $limit } Stile an.
    } Mit den Knöpfen darunter gibst du jedem seinen Anteil.
mix-full =
    { $limit ->
        [one] In eine Mischung passt ein Stil.
       *[other] In eine Mischung passen { $limit } Stile.
    } Tipp einen von deinen noch einmal an, dann nehme ich ihn heraus.
saved = Gespeichert als „{ $name }“. Du findest den Stil in jeder Liste; umbenennen kannst du ihn unter „Meine Stile“.
saved-too-many = Mehr gespeicherte Stile kann ich nicht behalten. Lösch erst einen in der Liste der Stile.
unsaved = „{ $name }“ ist nicht mehr gespeichert.
rename-ask = Wie soll ich <b>{ $name }</b> ab jetzt nennen? Schreib es mir.
renamed = Ab jetzt heißt der Stil <b>{ $name }</b>.
kept =
    { $count ->
        [one] Dein nächstes Foto male ich auch so: <b>{ $title }</b>. Worte unter einem Foto gehen vor.
       *[other] Deine nächsten { $count } Fotos male ich auch so: <b>{ $title }</b>. Worte unter einem Foto gehen vor.
    }
kept-no-more = Alles klar, ich frage dich wieder bei jedem Foto.
kept-over = Das war das letzte Foto im Stil <b>{ $title }</b>. Beim nächsten frage ich dich wieder.
history = <b>Was ich für dich gemalt habe</b>, das Neueste zuerst. Tipp eine Nummer an, und ich schicke es noch einmal.
history-nothing = Für dich habe ich noch nichts gemalt. Schick mir ein Foto!
again-coming = Es ist unterwegs.
again-painting = Ich habe es nicht mehr, also male ich es noch einmal.
again-refused = Telegram hat das Bild nicht noch einmal angenommen. Schick mir das Foto noch einmal, dann male ich es neu.

## Settings
settings =
    <b>Wie du deine Bilder magst</b>

    Was du hier auswählst, gilt für jedes neue Foto. Die Knöpfe unter einem Ergebnis ändern nur dieses Ergebnis.
setting-quick = Schnell
setting-strength = Stärke { $percent } %
setting-size-usual = Normal
setting-as-sent = Wie gesendet
setting-always-file = Immer als Datei
setting-language-app = Sprache meiner App

## What is kept
privacy =
    <b>Was ich über dich aufbewahre</b>
    • Deine Fotos und was ich daraus gemalt habe: auf meiner Festplatte, noch { $hours } Stunden, nachdem ich sie zuletzt benutzt oder gemalt habe.
    • Was du haben wolltest: die Worte oder Gemälde, die du ausgesucht hast, was du unter Ergebnissen angetippt hast, wann das war und wie es ausging.
    • Die Nummern, die Telegram dir, unseren Chats und Nachrichten und deinen Bildern gibt, die Namen von Bilddateien und deine Sprache. Nicht deinen Namen.
    • Andere Nachrichten nur, bis ich sie beantwortet habe.
    • In Gruppen höre ich nur, was für mich bestimmt ist, und ein Foto, das ich dort für dich malen soll, zählt als deins.
    • Wen mein Betreiber gesperrt hat: nur die Nummer, die bleibt, wenn alles andere gelöscht wird.

    Ich male auf meinem eigenen Rechner. Deine Bilder zeige ich nur in dem Chat, in dem du gefragt hast, sonst niemandem, auch nicht dem Menschen, der mich betreibt, und ich schreibe weder Bilder noch deine Worte in ein Protokoll. Wer mich betreibt, könnte in die Festplatte schauen und macht vielleicht Sicherungskopien.

    /export schickt dir, was ich über dich notiert habe, /delete_me löscht alles sofort.
export = Alles, was ich über dich notiert habe, Zeiten in UTC. Die Bilder selbst sind in unseren Chats.
export-nothing = Über dich habe ich nichts notiert.
delete-ask = Soll ich alles löschen, was ich über dich aufbewahre: Fotos, Ergebnisse, Stile und Aufträge? Was ich gerade male, breche ich ab. Zurückholen kann ich nichts davon.
deleted =
    Erledigt. Ich habe alle Arbeit für dich abgebrochen und alles gelöscht, was ich über dich aufbewahrt habe.

    Diesen Chat mit seinen Bildern bewahrt Telegram auf, dort kann ich ihn nicht löschen; du kannst es, im Menü dieses Chats. Was ich in Gruppen geschickt habe, bleibt auch dort. Die Knöpfe unter meinen Bildern funktionieren nicht mehr. Wenn du mir wieder etwas schickst, fangen wir von vorne an.
delete-kept = Alles klar, es bleibt alles, wie es ist.
button-delete-all = Ja, alles löschen
button-keep-all = Behalten

## Taps that lead nowhere
tap-stale = Dieser Knopf gehört zu etwas Früherem. Schick mir ein Foto oder nimm die Knöpfe unter deinem neuesten Bild.
tap-foreign = Das ist nicht dein Knopf. Schick mir ein eigenes Foto.
tap-preset-gone = Dieses Gemälde habe ich nicht mehr. /styles zeigt, welche ich kenne.

## Unexpected things
not-yet-moving = Bewegte Bilder kann ich noch nicht malen, nur unbewegte.
not-yet-sticker = Sticker kann ich noch nicht malen. Schick es mir als Foto.
not-a-voice = Ich kann nichts hören. Schreib mir lieber ein paar Worte auf Englisch.
not-a-picture-file = Diese Datei ist kein Bild, das ich kenne. Schick ein Foto oder eine Datei in JPEG, PNG, WebP oder HEIC.
unexpected = Damit kann ich nichts anfangen. Schick mir ein Foto.
unexpected-edit = Bearbeitete Nachrichten lese ich nicht noch einmal. Schick es mir mit den neuen Worten neu, dann male ich es.
unknown-command = Diesen Befehl kenne ich nicht. /help zeigt, was ich kann.
still-style = Dein Foto habe ich noch: Schreib ein paar Worte auf Englisch, schick ein Bild oder tipp ein Gemälde an.
still-name = Ich warte noch auf den neuen Namen für deinen Stil: Schreib ihn mir.
still-photo = Deinen Stil habe ich noch: Schick mir das Foto dafür.
file-too-large = Diese Datei ist größer als die 20 MB, die Telegram mich holen lässt. Schick eine kleinere oder schick sie als Foto.

## What can go wrong with a picture
error-picture-unreadable = Ich konnte das Bild nicht lesen; es scheint beschädigt zu sein. Speichere es bitte noch einmal und schick es neu.
error-picture-too_large = Dieses Bild hat zu viele Pixel für mich. Schick bitte ein kleineres.
error-picture-too_small = Dieses Bild ist zu klein zum Malen oder viel zu schmal. Schick bitte ein größeres.
error-picture-unsupported = Diese Art von Datei kenne ich nicht. Schick bitte ein Bild in JPEG, PNG, WebP oder HEIC.
error-picture-animated = Bewegte Bilder kann ich noch nicht malen. Schick bitte ein unbewegtes.
error-picture-empty = Diese Datei ist leer. Schick sie bitte noch einmal.
error-style = Danach kann ich nicht malen. Schreib ein paar andere Worte auf Englisch oder such dir etwas aus /styles aus.
error-memory = Dieses Bild ist zu groß für meinen Speicher. Schick bitte ein kleineres, oder schick es als Foto statt als Datei.
error-weights = Ich kann gerade nicht malen: Mein Betreiber muss nach mir sehen. Versuch es bitte später noch einmal.
error-too-slow = Das hat zu lange gedauert, und ich habe aufgehört. Versuch es bitte mit einem kleineren Bild.
error-crashed = Beim Malen dieses Bildes ist dreimal etwas kaputtgegangen. Versuch es bitte mit einem anderen.
error-input-gone = Telegram gibt mir dieses Bild nicht mehr. Schick es bitte noch einmal.
error-input-too_large = Diese Datei ist größer als die 20 MB, die Telegram mich holen lässt. Schick eine kleinere oder schick sie als Foto.
error-input-network = Ich konnte dein Bild nicht von Telegram holen. Schick es bitte gleich noch einmal.
error-internal = Bei mir ist etwas schiefgegangen. Versuch es bitte noch einmal. (Code { $code })
delivery-unknown = Ich habe dein Bild geschickt, aber Telegram hat nicht gesagt, ob es angekommen ist. Fehlt es?

## Groups
command-style = Als Antwort auf ein Foto: Ich male es
choose-in-group = Wie soll ich es malen? Antworte hierauf mit ein paar Worten auf Englisch oder tipp ein Gemälde an:
group-hello = Hallo! Antworte hier auf ein Foto mit <i>/style a stormy sea</i>, und ich male es passend zu deinen Worten; sie müssen englisch sein. Mit <i>/style</i> allein zeige ich berühmte Gemälde zum Aussuchen.
group-how = Antworte auf ein Foto mit <i>/style</i> oder <i>@{ $bot }</i> und ein paar Worten auf Englisch, zum Beispiel <i>/style a stormy sea</i>, und ich male es.
group-help =
    <b>In Gruppen</b>
    • Antworte auf ein Foto mit <i>/style a stormy sea</i> oder <i>@{ $bot } a stormy sea</i>, oder schreib das unter ein eigenes Foto: Ich male es passend zu deinen Worten; sie müssen englisch sein.
    • <i>/style</i> allein zeigt berühmte Gemälde zum Antippen. Wo noch andere Bots sind, schreib <i>/style@{ $bot }</i>.
    • <i>/cancel</i> stoppt, was ich hier für dich male.

    Die Knöpfe unter einem Bild gehören dem, der es haben wollte. In unserem privaten Chat kann ich mehr.
group-private = Das gehört in unseren privaten Chat: Öffne ihn mit diesem Knopf.
group-anonymous = Ich kann nicht sehen, wer du bist, wenn du als Gruppe oder Kanal schreibst. Frag mich bitte als du selbst.
group-cancelled =
    { $count ->
        [0] Hier male ich gerade nichts für dich.
        [one] Gestoppt.
       *[other] Alle { $count } gestoppt.
    }
button-private = Unseren Chat öffnen
tap-private = Mach das in unserem privaten Chat: Dort zeigt /styles deine Stile.

## Waiting and limits
status-next-in = Du bist als Nächstes dran: etwa { $duration }
status-queued-for = In der Warteschlange: Platz { $place }, etwa { $duration }
duration-hours =
    { $count ->
        [one] { $count } Stunde
       *[other] { $count } Stunden
    }
queue-full-day =
    { $limit ->
        [one] In 24 Stunden male ich für jeden ein Bild.
       *[other] In 24 Stunden male ich für jeden { $limit } Bilder; eins in höchster Qualität zählt wie { $finest }.
    } Diesen Auftrag habe ich mir gemerkt: Bis ich ihn malen kann, dauert es etwa { $duration }.
queue-full-total-for = Gerade wollen so viele Leute Bilder, dass meine Liste voll ist; für alles zusammen brauche ich etwa { $duration }. Mit jedem fertigen Bild wird ein Platz frei. Diesen Auftrag habe ich mir gemerkt: Versuch es in einer Weile noch einmal.
button-retry = Noch einmal versuchen
retry-not-yet = Leider noch nicht.

## While the operator looks after the bot
status-resting = Um mich kümmert sich gerade jemand. Dein Bild wartet und kommt von allein.
