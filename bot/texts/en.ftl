# English. Telegram shows HTML: <b>, <i>. Values are escaped before they come here.

## First meeting
greeting =
    <b>Hi! I repaint photos.</b>

    Send me one and tell me how it should look:
    • write a few words under it, such as <i>a stormy sea at night</i>,
    • or send a second picture, and I paint like that one,
    • or pick a famous painting from my list.

    It takes a few seconds. /help tells more.
help =
    <b>What you can send</b>
    • A photo with a few words under it: painted at once in the theme of your words.
    • A photo, then words, a second picture, or a tap on a painting in the list.
    • Two photos in one album: the first is painted like the second.
    • An album of up to 10 photos with a few words under it: painted in one style, it comes back as an album.
    • A photo as a file (up to 20 MB, HEIC and WebP too): the result comes back as a file in full size.
    • In a group with me: reply to a photo with <i>/style</i> and a few words.

    <b>Under every result</b>
    Another style, softer, stronger, finer or broader strokes, other colours, or the picture as a file. You need not send the photo again.
    <i>Finest quality</i> paints it once more with more care. I say beforehand how long that takes, show how it grows, and you can stop it.
    <i>Save style</i> puts words, a picture or a mix into your list. <i>Keep style</i> paints your next 10 photos like this.

    /styles – the list of paintings, your own styles, mixes
    /history – what I painted for you
    /settings – how you like your pictures, and my language
    /cancel – stop what I am painting and start afresh
    /privacy – what I keep about you
    /export – all of it as a file
    /delete_me – delete all of it
description =
    I repaint photos. Send me one and say how it should look: in a few words, with a second picture, or like a famous painting. /help tells more.
description-short = Repaints photos after your words, a second picture or a famous painting.
command-start = What I do, in one picture
command-help = What you can send me
command-styles = The list of paintings
command-history = What I painted for you
command-settings = How you like your pictures
command-cancel = Stop and start afresh
command-privacy = What I keep about you
command-export = All of it as a file
command-delete_me = Delete all that I keep about you

## Choosing
choose-style = Nice photo! How shall I paint it? Write a few words, send a second picture, or tap a painting:
choose-style-after-command = I can’t read commands under a photo, but I kept the photo. How shall I paint it? Write a few words, send a second picture, or tap a painting:
choose-style-no-words = I found no words under your photo, but I kept it. How shall I paint it? Write a few words, send a second picture, or tap a painting:
choose-style-other-words = I kept your photo. How shall I paint it? Write other words, send a second picture, or tap a painting:
choose-another = The same photo again: write a few words, send another picture, or tap a painting:
choose-preset-first = These are the paintings I know. Tap one, then send me your photo.
preset-kept = <b>{ $title }</b> it is. Now send me your photo.
sentence-kept = I keep <i>“{ $sentence }”</i> as the style. Now send me the photo for it.
sentence-empty = I need a few words to paint by, such as <i>a stormy sea at night</i>.
sentence-too-long = That is { $length } characters, and I read { $limit } at most. Say it in fewer words, please.
sentence-not-english = I’m afraid I read only English so far. Say it in English, please, such as <i>a stormy sea at night</i>.
sentence-abusive = I’d rather not paint words that hurt people. Give me a mood, a place or a material instead, such as <i>a stormy sea at night</i>.
sentence-earlier-style = I take the style that you chose before.
choose-style-album = Nice album! In which style shall I paint all of it? Write a few words, send a picture, or tap a painting:
album-one-picture = There was only one picture in your album that I can use, so I took that one. How shall I paint it? Write a few words, send a second picture, or tap a painting:
album-no-picture = There was no picture in your album that I can use. Please send photos.

## While it paints
status-next = You are next…
status-held = I can’t paint just now: my operator has to look after me. Your picture is waiting and comes as soon as I can.
status-queued = In the queue: place { $place }
status-painting = Painting  { $bar }  { $percent } %
status-painting-finest =
    Painting in finest quality
    { $bar }  { $percent } %
status-begun = I have just begun…
finest-about = Finest quality takes about { $duration }.
finest-at-most = Finest quality takes { $duration } at most.
finest-left = About { $duration } left
duration-seconds = { $count } seconds
duration-minute = a minute
duration-minutes = { $count } minutes
button-stop = Stop
stopped = Stopped.
stopped-late = It is finished already.
already-painting-finest = I am already painting exactly that. Further up you see how far I am.
already-painting = I am already painting exactly that. It will be here in a moment.
cancelled-jobs =
    { $count ->
        [one] Stopped. Send me a photo whenever you like.
       *[other] Stopped all { $count }. Send me a photo whenever you like.
    }
cancelled-draft = All right, forgotten. Send me a photo whenever you like.
cancelled-nothing = There was nothing to stop. Send me a photo whenever you like.

## Results
result-preset = Painted like <b>{ $title }</b> · { $artist }
result-sentence = Painted after <i>“{ $sentence }”</i>
result-picture = Painted like your picture
result-mix = Painted like
mix-part = <b>{ $title }</b> { $percent } %
style-picture = Your picture
result-strength = strength { $percent } %
result-strokes =
    { $percent ->
        [50] very fine strokes
        [70] fine strokes
        [140] broad strokes
       *[200] very broad strokes
    }
result-finest = finest quality
result-understood = I looked at: { $words }
result-enlarged = painted at { $side } px and enlarged
result-held-back-full = More than full strength would have hidden your photo, so I stayed at full strength.
result-held-back-gently = This style would have hidden your photo, so I laid it on more gently.
result-held-back-partly = This style would have hidden your photo, so I let a part of it show through.
result-colours-matched = in your colours
result-colours-luminance = in exactly your colours
result-colours-only = only its colours
button-another = Another style
button-finest = Finest quality
button-softer = − Softer
button-stronger = + Stronger
button-finer = Finer strokes
button-broader = Broader strokes
button-colours = Colours…
button-colours-style = The style’s colours
button-colours-matched = Keep my colours
button-colours-luminance = Keep every colour exactly
button-colours-only = Only the colours, no strokes
button-back = ‹ Back
button-file = As file
button-resend = Send it again
button-save = Save style
button-keep = Keep style
button-keep-no-more = Ask me again for each photo
button-random = Surprise me
button-mix = Mix styles…
button-paint-mix = Paint this mix
button-mine = My styles…
button-rename = Rename
button-unsave = Delete
button-last-photo = Paint my last photo so
file-coming = Your file is on its way.
file-there = You already have it as a file, a little further up.
strongest = This is as strong as it gets.
softest = This is as soft as it gets.
broadest = The strokes get no broader than this.
finest = The strokes get no finer than this.
colours-worn = It wears these colours already.

album-done = That was your album. Under this message you can change all of it at once.

## Styles of one's own
mix-choose = Tap up to { $limit } styles. With the buttons below you give each its share.
mix-full = A mix takes { $limit } styles. Tap one of yours again to take it out.
saved = Saved as “{ $name }”. You find it in every list of styles; under My styles you can rename it.
saved-too-many = You have as many saved styles as I can keep. Delete one in the list of styles first.
unsaved = “{ $name }” is no longer saved.
rename-ask = How shall I call <b>{ $name }</b> from now on? Write it to me.
renamed = From now on it is called <b>{ $name }</b>.
kept =
    { $count ->
        [one] I paint your next photo like this too: <b>{ $title }</b>. Words under a photo count more.
       *[other] I paint your next { $count } photos like this too: <b>{ $title }</b>. Words under a photo count more.
    }
kept-no-more = All right, I ask you again for each photo.
kept-over = That was the last photo in <b>{ $title }</b>. For the next one I ask you again.
history = <b>What I painted for you</b>, the newest first. Tap a number and I send it again.
history-nothing = I have painted nothing for you yet. Send me a photo!
again-coming = It is on its way.
again-painting = I no longer have it, so I paint it again.
again-refused = Telegram refused to take that picture again. Send me the photo once more, and I paint it anew.

## Settings
settings =
    <b>How you like your pictures</b>

    What you choose here counts for every new photo. The buttons under a result change that result only.
setting-quick = Quick
setting-strength = Strength { $percent } %
setting-size-usual = Usual size
setting-as-sent = As you sent it
setting-always-file = Always as file
setting-language-app = Language of my app

## What is kept
privacy =
    <b>What I keep about you</b>
    • Your photos and what I painted of them: on my disk, for { $hours } hours after I last used or painted them.
    • What you asked for: the words or paintings you chose, your choices under results, when and how it went.
    • Telegram’s numbers of you, of our chats and messages and of your pictures, the names of picture files, and your language. Not your name.
    • Other messages only until I have answered them.
    • In groups I hear only what is meant for me, and a photo that you ask me to paint there counts as yours.
    • Whom my operator has blocked: the number alone, which stays when the rest is deleted.

    I paint on my own machine. I show your pictures to nobody but the chat you asked in, nor to the person who runs me, and write neither pictures nor your words into a log. Whoever runs me could look at the disk, and may keep backups.

    /export sends you what I have written down about you, /delete_me deletes everything at once.
export = All that I have written down about you, times in UTC. The pictures themselves are in our chats.
export-nothing = I have nothing written down about you.
delete-ask = Shall I delete everything that I keep about you: photos, results, styles and orders? What I am painting stops. I can’t bring any of it back.
deleted =
    Done. I have stopped all work for you and deleted everything that I kept about you.

    This chat with its pictures is kept by Telegram, where I can’t delete it; you can, in the menu of this chat. What I sent into groups stays there too. The buttons under my pictures no longer work. If you send me something again, we start anew.
delete-kept = All right, everything stays as it is.
button-delete-all = Yes, delete all
button-keep-all = Keep

## Taps that lead nowhere
tap-stale = That button belongs to something earlier. Send me a photo, or use the buttons of your newest picture.
tap-foreign = That button is not yours. Send me a photo of your own.
tap-preset-gone = I no longer have that painting. /styles shows those that I know.

## Unexpected things
not-yet-moving = I can’t paint moving pictures yet, only still ones.
not-yet-sticker = I can’t paint stickers yet. Send it as a photo.
not-a-voice = I can’t listen to sound. Write me a few words instead.
not-a-picture-file = That file is no picture that I know. Send a photo, or a JPEG, PNG, WebP or HEIC file.
unexpected = I don’t know what to do with that. Send me a photo.
unexpected-edit = I don’t go back to edited messages. Send it again with the new words and I paint it.
unknown-command = I don’t know that command. /help shows what I can do.
still-style = I still have your photo: write a few words, send a picture, or tap a painting.
still-name = I still wait for the new name of your style: write it to me.
still-photo = I still have your style: send me the photo for it.
file-too-large = That file is larger than the 20 MB that Telegram lets me fetch. Send a smaller one, or send it as a photo.

## What can go wrong with a picture
error-picture-unreadable = I could not read that picture; it seems to be damaged. Please save it again and send it anew.
error-picture-too_large = That picture has too many pixels for me. Please send a smaller one.
error-picture-too_small = That picture is too small to paint, or far too narrow. Please send a larger one.
error-picture-unsupported = I don’t know that kind of file. Please send a JPEG, PNG, WebP or HEIC picture.
error-picture-animated = I can’t paint moving pictures yet. Please send a still one.
error-picture-empty = That file is empty. Please send it again.
error-style = I can’t paint by that. Write a few other words, or pick from /styles.
error-memory = That picture is too large for my memory. Please send a smaller one, or send it as a photo instead of a file.
error-weights = I can’t paint just now: my operator has to look after me. Please try again later.
error-too-slow = That took too long and I stopped. Please try a smaller picture.
error-crashed = Something broke three times while I painted that picture. Please try another one.
error-input-gone = Telegram no longer gives me that picture. Please send it again.
error-input-too_large = That file is larger than the 20 MB that Telegram lets me fetch. Send a smaller one, or send it as a photo.
error-input-network = I could not fetch your picture from Telegram. Please send it again in a moment.
error-internal = Something went wrong on my side. Please try again. (code { $code })
delivery-unknown = I sent your picture, but Telegram did not say whether it arrived. Is it missing?

## Waiting and limits
status-next-in = You are next: about { $duration }
status-queued-for = In the queue: place { $place }, about { $duration }
duration-hours = { $count } hours
queue-full-user =
    { $limit ->
        [one] One picture of yours is still waiting. I have noted this order: try again once it is done.
       *[other] { $limit } pictures of yours are still waiting. I have noted this order: try again once one is done.
    }
queue-full-day =
    { $limit ->
        [one] I paint one picture for each person in 24 hours.
       *[other] I paint { $limit } pictures for each person in 24 hours; one in finest quality counts as { $finest }.
    } I have noted this order: it can be painted in about { $duration }.
queue-full-total = So many people want pictures right now that my list is full. I have noted this order: try again in a few minutes.
queue-full-total-for = So many people want pictures right now that my list is full; all of it takes about { $duration }. A place becomes free with every picture that is done. I have noted this order: try again in a while.
button-retry = Try again
retry-not-yet = Not yet, I’m afraid.

## Groups
command-style = As a reply to a photo: paint it
choose-in-group = How shall I paint it? Reply to this with a few words, or tap a painting:
group-hello = Hi! Reply to a photo here with <i>/style a stormy sea</i>, and I paint it in the theme of your words. With <i>/style</i> alone I show famous paintings to choose from.
group-how = Reply to a photo with <i>/style</i> or <i>@{ $bot }</i> and a few words, such as <i>/style a stormy sea</i>, and I paint it.
group-help =
    <b>In groups</b>
    • Reply to a photo with <i>/style a stormy sea</i> or <i>@{ $bot } a stormy sea</i>, or write that under a photo of your own: I paint it in the theme of your words.
    • <i>/style</i> alone shows famous paintings to tap. Where other bots are, write <i>/style@{ $bot }</i>.
    • <i>/cancel</i> stops what I am painting for you here.

    Who asked for a picture has the buttons under it. I can do more in our private chat.
group-private = That is for our private chat: open it with this button.
group-anonymous = I can’t see who you are while you write as a group or a channel. Ask me as yourself, please.
group-cancelled =
    { $count ->
        [0] I am painting nothing for you here.
        [one] Stopped.
       *[other] Stopped all { $count }.
    }
button-private = Open our chat
tap-private = Do that in our private chat: /styles shows your styles there.
## While the operator looks after the bot
status-resting = I am being looked after just now. Your picture waits and comes by itself.

## Operator
# For whoever runs the bot; these stay in English, other languages need no key that begins with operator-.
operator-command = Run the bot
operator-cancelled = All right. /admin brings the overview back.
operator-overview = <b>Overview</b> at { $time } UTC
operator-queue = Queue: { $waiting } waiting, { $painting } being painted.
operator-queue-oldest = The oldest came { $duration } ago.
operator-speed-hour = Last hour: { $count } delivered.
operator-speed-day = Last day: { $count } delivered.
operator-speed = From order to delivery { $median } s (median), { $p95 } s (95 %).
operator-errors = Failed in the last day: { $codes }
operator-errors-none = Nothing failed in the last day.
operator-people = People: { $all }; active in a day { $day }, in a week { $week }. { $left } blocked the bot, { $barred } are blocked by it.
operator-disk = Disk: inputs { $inputs }, results { $results }, database { $database }, free { $free }.
operator-runner-warm = { $name }: warm
operator-runner-cold = { $name }: not ready
operator-resting = <b>Maintenance is on:</b> orders are taken, nothing new is painted.
operator-button-refresh = Refresh
operator-button-rest = Maintenance on
operator-button-wake = Maintenance off
operator-button-presets = Presets
operator-button-greeting = Greeting
operator-button-greeting-set = Another picture…
operator-button-greeting-reset = The shipped picture
operator-button-limits = Limits
operator-button-barring = Block
operator-button-broadcast = Broadcast
operator-button-back = ‹ Back
operator-presets = <b>Presets</b>: { $shown } of { $count } are shown, in this order.
operator-presets-full = There are as many of your own as fit. Delete one first.
operator-no-picture = That is no picture that I can use. Send it as a photo or as a file, or /cancel.
operator-preset-ask = Send me the painting, as a photo or as a file.
operator-preset-title-ask = Now its title and artist in one line, such as <i>Irises · Vincent van Gogh</i>.
operator-preset-title-unread = I need title and artist in one line with a dot between them, such as <i>Irises · Vincent van Gogh</i>.
operator-preset-title-long = That is too long for a button. Keep the title and the artist to 40 characters each.
operator-preset-added = Added. People can choose it at once; while nothing waits I work on painting more faithfully by it.
operator-preset-tuning = Working on <b>{ $title }</b>: { $percent } %
operator-preset-ready = <b>{ $title }</b> is finished: from now on I paint by it as well as I can.
operator-preset-as-it-is = I could not work any further on <b>{ $title }</b>. People can choose it, and it stays as it is.
operator-preset-shown = <b>{ $title }</b> · { $artist }, number { $place } of the list
operator-preset-hidden = <b>{ $title }</b> · { $artist }, number { $place } of the list, hidden
operator-preset-hidden-label = { $title } (hidden)
operator-preset-rename-ask = Send me the new title.
operator-preset-sure = Shall I delete <b>{ $title }</b>? Pictures that are ordered already are still painted by it.
operator-preset-deleted = Deleted.
operator-button-add = Add a preset
operator-button-up = ↑ Up
operator-button-down = ↓ Down
operator-button-rename = Rename
operator-button-hide = Hide
operator-button-show = Show
operator-button-delete = Delete…
operator-button-delete-sure = Yes, delete it
operator-greeting-ask = Send me the picture that /start shall show: what you are proud of, many small ones on one sheet for example.
operator-greeting-shipped = <b>Greeting</b>: /start shows the picture that I came with.
operator-greeting-own = <b>Greeting</b>: /start shows your picture.
operator-limits = <b>Limits</b>. A change holds from the next picture on, and after a restart.
operator-limit = <b>{ $limit }</b>: { $value }
operator-limit-photo_side = Photos, px
operator-limit-max_side = Files, px
operator-limit-job_seconds = Seconds per picture
operator-limit-queue_per_user = Waiting, per person
operator-limit-queue_total = Waiting, in all
operator-limit-daily_quota = A day, per person
operator-about-photo_side = The long side of results that are sent as photos.
operator-about-max_side = The long side of results that are sent as files; no result is larger.
operator-about-job_seconds = A picture that takes longer is given up; one in finest quality stops there with what it has.
operator-about-queue_per_user = How many pictures of one person may wait at the same time.
operator-about-queue_total = How many pictures of all people may wait at the same time.
operator-about-daily_quota = How many pictures one person may have in 24 hours; one in finest quality counts as 5, and 0 sets no limit.
operator-button-reset = Back to the settings ({ $value })
operator-barring = <b>Blocked people</b>: { $count }. They get no answer at all.
operator-bar-ask = Whom shall I block? Send the number of the person, or that of a job such as J123.
operator-unbar-ask = Whom shall I let in again? Send the number of the person, or that of a job such as J123.
operator-person-unread = That is no number. Send one such as 123456789, or a job such as J123, or /cancel.
operator-person-no-job = I know no such job; perhaps its person was forgotten. Send another number, or /cancel.
operator-bar-operator = That is an operator, whom I can’t block. Send another number, or /cancel.
operator-barred =
    { $count ->
        [0] Blocked. Nothing of theirs was waiting.
        [one] Blocked. I stopped the one picture of theirs that was waiting.
       *[other] Blocked. I stopped { $count } pictures of theirs that were waiting.
    }
operator-unbarred = They are answered again.
operator-was-not-barred = They were not blocked.
operator-button-bar = Block…
operator-button-unbar = Unblock…
operator-broadcasts = <b>Broadcast</b>: a text to everybody who has not blocked me.
operator-broadcast-ask = Send me the text, formatted as people shall see it. You see it once more before it goes out.
operator-broadcast-words-only = I can send words only. Send me the text, or /cancel.
operator-broadcast-sure =
    { $count ->
        [one] So it looks. Shall I send it to one person?
       *[other] So it looks. Shall I send it to { $count } people?
    }
operator-broadcast-running = Going out: { $sent } of { $total } have it, { $blocked } blocked me, { $failed } could not be reached, { $unknown } are uncertain.
operator-broadcast-finished = The broadcast is out: { $sent } of { $total } have it, { $blocked } blocked me, { $failed } could not be reached, { $unknown } are uncertain.
operator-broadcast-stopped = The broadcast was stopped: { $sent } of { $total } have it, { $blocked } blocked me, { $failed } could not be reached, { $unknown } are uncertain.
operator-button-write = Write one
operator-button-send = Send it
operator-button-drop = Drop it
operator-button-stop = Stop
