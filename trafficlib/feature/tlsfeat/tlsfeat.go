// Package tlsfeat makes features of TLS sessions from captures: 146 numbers for each packet, in the
// layout of a published experiment (llmhyy/tls_attack), which Features describes.
//
// It takes the packets of package capture and returns sessions: the TCP connections of a capture in
// which TLS records were found, with a row of features for each packet. Extract and Load make a
// sequence set of them (package seq), an Extractor returns them one by one. Connections that are
// not TLS are counted and left out. No key is needed and nothing is decrypted. Session files, the
// text of the published experiment, are imported by Import and Load and written by Export.
//
//	packets ──segments in order──▶ bytes ──▶ records ──▶ handshake messages ──▶ the row of the packet that completed them
//
// Segments that come twice count once, and late ones are waited for. A record or message that spans
// packets counts in the packet that completes it; if a packet completes several, their lengths add
// up. Bytes that the capture missed are skipped once the other side has acknowledged them or the
// connection ends, and reading resumes at the next segment that begins with a record. SSL 2.0 to
// TLS 1.3 are read; the layout has no column for TLS 1.3, whose records call themselves TLS 1.2,
// and only its hellos are in the clear.
//
// TLS may begin after plaintext: by a command (STARTTLS of SMTP, IMAP, POP3, FTP, LDAP, XMPP and
// others, PostgreSQL's and MySQL's request) or through a proxy (HTTP CONNECT, SOCKS). The session
// begins with the first record, and Session.Before names the protocol before it. The first 64 KB of
// each direction are searched.
//
// Beyond faults (certificate lengths of digits, signature algorithms that were always 0) it differs
// from the published experiment in two points: the direction follows from who opened the
// connection, not from whether the destination's address is private, and the interval counts from
// the previous packet of the same connection.
package tlsfeat
