// Messages of the handshake that are wrong in themselves: faults of implementations, which users rarely meet.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr std::string_view of_the_peer = R"(The peer's TLS library, or something in between that changes the bytes:
a try from another network shows which.)";

constexpr std::string_view look_at_it = R"(Message by message, with what each one holds:

  handfast connect HOST --ladder)";

constexpr Cure report_it[] = {
    {"anywhere", R"(Update the TLS library of the peer. If it is of today, report the fault to its makers: the
output of "handfast connect HOST --json" has every message.)"},
};

constexpr Entry messages_table[] = {
    {.code = "HF0301",
     .word = "decode_error",
     .title = "A message that does not parse",
     .meaning = R"(A message of the handshake is too short, too long, or has a length in it that can't be. The
evidence names the message and, where it is known, the field.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4",
     .cures = report_it},
    {.code = "HF0302",
     .word = "unexpected_message",
     .title = "A message that may not come now",
     .meaning = R"(The messages of a handshake have their order, and this one is out of it: the evidence says which
came and which was expected. One side has lost its place, or speaks another version of the protocol than was agreed
on.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4; RFC 5246, section 7.3",
     .cures = report_it},
    {.code = "HF0303",
     .word = "message_too_long",
     .title = "A handshake message past its limit",
     .meaning =
         R"(A message may say that it is up to 16 MiB long, and nobody sends such: there is a limit for each kind. A
Certificate passes it where the file holds a whole bundle of authorities instead of one chain.)",
     .fault = of_the_peer,
     .check = R"(  handfast cert inspect fullchain.pem)",
     .rfc = "RFC 8446, section 4",
     .cures = report_it},
    {.code = "HF0304",
     .word = "excess_handshake_data",
     .title = "Handshake bytes left over where keys change",
     .meaning = R"(Where new keys begin, a message has to be at its end: else bytes that came without protection, or
under older keys, would be taken for protected ones. Here something stood behind it.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 5.1",
     .cures = report_it},
    {.code = "HF0305",
     .word = "duplicate_extension",
     .title = "An extension stands twice in one message",
     .meaning = R"(Each extension may stand once in a message. Twice it could say two things, and two readers could
believe each another one.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2",
     .cures = report_it},
    {.code = "HF0306",
     .word = "too_many_extensions",
     .title = "More extensions than anybody needs",
     .meaning = R"(There are some sixty extensions in all. A message with far more is made to cost time, and is
refused.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2",
     .cures = report_it},
    {.code = "HF0307",
     .word = "unsolicited_extension",
     .title = "An answer to what was not asked",
     .meaning = R"(A server may answer an extension only if the client has sent it. This one answers what was not
asked.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2",
     .cures = report_it},
    {.code = "HF0308",
     .word = "forbidden_extension",
     .title = "An extension in a message where it may not stand",
     .meaning = R"(Each extension has the messages in which it may stand: what is secret in TLS 1.3, such as ALPN,
belongs into EncryptedExtensions and not into ServerHello. This one stands where it may not.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2",
     .cures = report_it},
    {.code = "HF0309",
     .word = "missing_extension",
     .title = "An extension that must be there is missing",
     .meaning = R"(TLS 1.3 can't go on without some extensions: supported_groups and key_share for the key exchange,
signature_algorithms for a certificate. One of them is missing; the evidence names it.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 9.2",
     .cures = report_it},
    {.code = "HF0310",
     .word = "bad_extension",
     .title = "An extension whose content is wrong",
     .meaning = R"(The extension is known and stands in its place, but what is in it does not parse or says what it
may not. The evidence names it.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2",
     .cures = report_it},
    {.code = "HF0408",
     .word = "wrong_version_selected",
     .title = "The server chose a version that was not offered",
     .meaning = R"(The client says which versions it speaks, and the server has answered with another one. A server
that knows only TLS 1.1 or 1.0 does so to a client that wants at least 1.2: then there is simply no version in
common (HF0401).)",
     .fault = R"(The server: it is too old, or breaks the protocol.)",
     .check = R"(  handfast connect HOST --ladder
  openssl s_client -connect HOST:443 -tls1_1 -cipher DEFAULT:@SECLEVEL=0)",
     .rfc = "RFC 8446, section 4.1.3",
     .cures = report_it},
    {.code = "HF0409",
     .word = "wrong_cipher_suite_selected",
     .title = "The server chose a cipher suite that was not offered",
     .meaning = R"(The server may choose among the client's suites only, and keep to its choice after a
HelloRetryRequest. It has chosen another one.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, sections 4.1.3 and 4.1.4",
     .cures = report_it},
    {.code = "HF0410",
     .word = "wrong_group_selected",
     .title = "The server asked for a group that it may not ask for",
     .meaning = R"(With a HelloRetryRequest a server asks for a key share of another group: one that the client has
offered, and has not sent a share for already. This one asks for another.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2.8",
     .cures = report_it},
    {.code = "HF0411",
     .word = "wrong_key_share",
     .title = "A key share for a group that was not asked for",
     .meaning = R"(A key share has to be for a group that was offered, and after a HelloRetryRequest for the one
that it asked for. This one is for another.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2.8",
     .cures = report_it},
    {.code = "HF0412",
     .word = "duplicate_key_share",
     .title = "Two key shares for one group",
     .meaning = R"(A client may send one share for each group. It has sent two for the same.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2.8",
     .cures = report_it},
    {.code = "HF0413",
     .word = "wrong_application_protocol",
     .title = "The server chose an application protocol that was not offered",
     .meaning = R"(By ALPN the client lists the protocols that it can speak on the connection, and the server picks
one of them. It has picked another, or several.)",
     .fault = of_the_peer,
     .check = R"(  handfast connect HOST --alpn h2,http/1.1 --ladder)",
     .rfc = "RFC 7301, section 3.2",
     .cures = report_it},
    {.code = "HF0414",
     .word = "wrong_session_id_echo",
     .title = "The server answers with a session ID that it may not",
     .meaning =
         R"(In TLS 1.3 a server repeats the client's session ID, which means nothing any more, so that old devices
on the way believe in a resumption. It has sent another. In TLS 1.2 it claims to resume a session that was never
offered.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3",
     .cures = report_it},
    {.code = "HF0415",
     .word = "bad_compression_methods",
     .title = "Compression, which TLS no longer has",
     .meaning = R"(Compression inside of TLS gives secrets away (CRIME, 2012), so there is only one method left:
none. The peer offers something else, or does not offer that one.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.1.2",
     .cures = report_it},
    {.code = "HF0416",
     .word = "empty_retry_request",
     .title = "A HelloRetryRequest that would change nothing",
     .meaning = R"(The server asks for a second ClientHello and for nothing different in it: it would be the same
again, and so on for ever.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.1.4",
     .cures = report_it},
    {.code = "HF0417",
     .word = "second_retry_request",
     .title = "A second HelloRetryRequest",
     .meaning = R"(A server may ask once for another ClientHello. This one has asked twice.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.1.4",
     .cures = report_it},
    {.code = "HF0418",
     .word = "changed_hello",
     .title = "The second ClientHello is not the first",
     .meaning = R"(After a HelloRetryRequest the client sends its hello again, changed in what was asked for and in
nothing else. Something else has changed; the evidence says what.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.1.2",
     .cures = report_it},
    {.code = "HF0419",
     .word = "bad_cookie",
     .title = "The cookie is not the one that was sent",
     .meaning =
         R"(With a HelloRetryRequest a server may send a cookie, by which it knows its own question again. It came
back changed, or not at all, or to a server that does not know it: one of several machines behind one address that
do not share the key.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 8446, section 4.2.2",
     .cures = report_it},
    {.code = "HF0421",
     .word = "bad_psk",
     .title = "A pre-shared key that was not offered, or badly",
     .meaning = R"(The extension pre_shared_key (a session that is resumed, or a key that both sides have) is
malformed, does not stand at the end where it belongs, or proves the wrong key; or the server goes on with one that
it was not offered.)",
     .fault = of_the_peer,
     .check = R"(Without the session, if one was offered:

  handfast connect HOST --ladder)",
     .rfc = "RFC 8446, section 4.2.11",
     .cures = report_it},
    {.code = "HF0427",
     .word = "bad_renegotiation_info",
     .title = "A first handshake that pretends to be a second",
     .meaning = R"(The extension renegotiation_info ties a second handshake to the first. In a first one it has to
be empty; here it is not. It is how an attack of 2009 would look, which put a handshake of its own in front of
another's.)",
     .fault = of_the_peer,
     .check = look_at_it,
     .rfc = "RFC 5746, section 3",
     .cures = report_it},
};

}  // namespace

std::span<const Entry> message_entries() noexcept { return messages_table; }

}  // namespace handfast::doctor
