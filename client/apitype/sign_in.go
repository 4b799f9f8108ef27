package apitype

// How users prove who they are. It is writ's own.

// SignInRequest signs a user in. Where a second factor is needed, it is made a second time, with the factor.
type SignInRequest struct {
	Organization    string               `json:"organization"` // its id or alias
	Login           string               `json:"login"`        // username or address
	Password        string               `json:"password"`
	OneTimePassword string               `json:"one_time_password,omitzero"` // or a recovery code
	Origin          string               `json:"origin,omitzero"`            // where the browser is, if an authenticator is to be asked
	Credential      *PublicKeyCredential `json:"credential,omitzero"`        // the authenticator's answer
	DurationSeconds *int64               `json:"duration_seconds,omitzero"`  // of the session; as long as the organization allows if absent
}

// The statuses of SignInAnswer.
const (
	StatusSignedIn     = "signed_in"
	StatusSecondFactor = "second_factor_required"
)

// SignInAnswer is a session, or what is missing.
type SignInAnswer struct {
	Status       string        `json:"status"`
	User         *SignedInUser `json:"user,omitzero"`
	Session      *UserSession  `json:"session,omitzero"`
	Token        string        `json:"token,omitzero"`       // a bearer token; told this once
	RenewToken   string        `json:"renew_token,omitzero"` // told this once
	GracePeriods []GracePeriod `json:"grace_periods,omitzero"`
	SecondFactor *SecondFactor `json:"second_factor,omitzero"`
	Revision     Revision      `json:"revision,omitzero"`
}

// SignedInUser is who has signed in.
type SignedInUser struct {
	ID             string `json:"id"`
	CRN            string `json:"crn"`
	OrganizationID string `json:"organization_id"`
	Login          string `json:"login"`
	Name           string `json:"name"`
}

// SecondFactor says what has to be shown beside the password; one of them will do.
type SecondFactor struct {
	OneTimePassword bool `json:"one_time_password"`
	// PublicKey is for navigator.credentials.get, as PublicKeyCredential.parseRequestOptionsFromJSON reads it; null if the user has no
	// authenticator at the origin that was given.
	PublicKey *RequestOptions `json:"public_key"`
}

// RequestOptions ask a browser for an answer of an authenticator (WebAuthn, section 5.1.9).
type RequestOptions struct {
	Challenge        string      `json:"challenge"`
	RPID             string      `json:"rpId"`
	Timeout          int64       `json:"timeout"` // milliseconds
	AllowCredentials []PublicKey `json:"allowCredentials"`
	UserVerification string      `json:"userVerification"`
}

// CreationOptions ask a browser for a new key (WebAuthn, section 5.1.8).
type CreationOptions struct {
	Challenge              string         `json:"challenge"`
	RP                     RelyingParty   `json:"rp"`
	User                   KeyUser        `json:"user"`
	PubKeyCredParams       []KeyParameter `json:"pubKeyCredParams"`
	Timeout                int64          `json:"timeout"` // milliseconds
	ExcludeCredentials     []PublicKey    `json:"excludeCredentials"`
	AuthenticatorSelection KeySelection   `json:"authenticatorSelection"`
	Attestation            string         `json:"attestation"`
}

// RelyingParty is for whom a key is.
type RelyingParty struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// KeyUser is whose a key is.
type KeyUser struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// KeyParameter is a kind of key.
type KeyParameter struct {
	Type string `json:"type"`
	Alg  int    `json:"alg"`
}

// KeySelection says which authenticators will do.
type KeySelection struct {
	UserVerification string `json:"userVerification"`
}

// PublicKey names a key.
type PublicKey struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// PublicKeyCredential is what a browser answers, as PublicKeyCredential.toJSON writes it; bytes are base64url without padding. What it
// has beside this is ignored.
type PublicKeyCredential struct {
	RawID    string                `json:"rawId"`
	Response AuthenticatorResponse `json:"response"`
}

// AuthenticatorResponse is the authenticator's part of the answer: to the wish for a new key an attestation object, to a challenge the rest.
type AuthenticatorResponse struct {
	ClientDataJSON    string `json:"clientDataJSON"`
	AttestationObject string `json:"attestationObject,omitzero"`
	AuthenticatorData string `json:"authenticatorData,omitzero"`
	Signature         string `json:"signature,omitzero"`
	UserHandle        string `json:"userHandle,omitzero"`
}

// UserSession is a session of a user.
type UserSession struct {
	ID           string  `json:"id"`
	CRN          string  `json:"crn"`
	UserID       string  `json:"user_id"`
	CredentialID *string `json:"credential_id"` // with which it was made; null if the user has signed in
	SignedInAt   *Time   `json:"signed_in_at"`
	Referrer     *string `json:"referrer"`
	SourceIP     *string `json:"source_ip"`
	UserAgent    *string `json:"user_agent"`
	CreatedAt    Time    `json:"created_at"`
	UpdatedAt    Time    `json:"updated_at"`
	ExpiresAt    Time    `json:"expires_at"`
	LastUsedAt   *Time   `json:"last_used_at"`
	RevokedAt    *Time   `json:"revoked_at"`
	IsActive     bool    `json:"is_active"`
}

// UserSessionAnswer is one session of a user.
type UserSessionAnswer struct {
	UserSession UserSession `json:"user_session"`
}

// UserSessionList is a page of sessions of a user.
type UserSessionList struct {
	UserSessions []UserSession `json:"user_sessions"`
	Page
}

// CreateUserSessionRequest opens another session beside the caller's.
type CreateUserSessionRequest struct {
	Referrer        string `json:"referrer,omitzero"`
	DurationSeconds *int64 `json:"duration_seconds,omitzero"`
}

// RenewUserSessionRequest prolongs the caller's session.
type RenewUserSessionRequest struct {
	RenewToken string `json:"renew_token"`
}

// UserTokenAnswer is a session with its tokens, which are told this once.
type UserTokenAnswer struct {
	Session    UserSession `json:"session"`
	Token      string      `json:"token"`
	RenewToken string      `json:"renew_token"`
	Revision   Revision    `json:"revision"`
}

// SetPasswordRequest gives a user a password.
type SetPasswordRequest struct {
	Password string `json:"password"`
}

// GracePeriod is the time that a user has to do something.
type GracePeriod struct {
	Type      string `json:"type"` // update_password
	CreatedAt Time   `json:"created_at"`
	ExpiresAt Time   `json:"expires_at"`
}

// GracePeriodList is what a user has yet to do.
type GracePeriodList struct {
	GracePeriods []GracePeriod `json:"grace_periods"`
}

// OTPAnswer is the secret of a generator of one-time passwords, told this once.
type OTPAnswer struct {
	Secret   string   `json:"secret"`
	Revision Revision `json:"revision"`
}

// ValidateOTPRequest shows that a generator works.
type ValidateOTPRequest struct {
	OneTimePassword string `json:"one_time_password"`
}

// RecoveryCodesAnswer are codes that stand in for one-time passwords, each once; told this once.
type RecoveryCodesAnswer struct {
	RecoveryCodes []string `json:"recovery_codes"`
	Revision      Revision `json:"revision"`
}

// StartRegistrationRequest begins the registration of an authenticator.
type StartRegistrationRequest struct {
	Origin string `json:"origin"` // where the browser is, as in https://console.example.com
}

// RegistrationAnswer is what a browser needs to make a key. PublicKey is for navigator.credentials.create, as
// PublicKeyCredential.parseCreationOptionsFromJSON reads it.
type RegistrationAnswer struct {
	RegistrationID string          `json:"registration_id"`
	PublicKey      CreationOptions `json:"public_key"`
	Revision       Revision        `json:"revision"`
}

// FinishRegistrationRequest ends the registration of an authenticator.
type FinishRegistrationRequest struct {
	RegistrationID string              `json:"registration_id"`
	Name           string              `json:"name"`
	Credential     PublicKeyCredential `json:"credential"`
}

// Authenticator is a key that signs for a user.
type Authenticator struct {
	ID         string `json:"id"`
	CRN        string `json:"crn"`
	UserID     string `json:"user_id"`
	Name       string `json:"name"`
	Origin     string `json:"origin"`
	CreatedAt  Time   `json:"created_at"`
	LastUsedAt *Time  `json:"last_used_at"`
}

// AuthenticatorAnswer is one authenticator.
type AuthenticatorAnswer struct {
	Authenticator Authenticator `json:"authenticator"`
	Revision      Revision      `json:"revision,omitzero"` // after a write
}

// AuthenticatorList is a page of authenticators.
type AuthenticatorList struct {
	Authenticators []Authenticator `json:"authenticators"`
	Page
}

// RenameRequest gives something another name.
type RenameRequest struct {
	Name string `json:"name"`
}

// SecuritySettings are what the organization demands of how users prove who they are, and of keys.
type SecuritySettings struct {
	EnforcePasswordRenewal    bool         `json:"enforce_password_renewal"`
	GracePeriodSeconds        int64        `json:"grace_period_seconds"`
	LoginAttemptsBeforeLocked int64        `json:"login_attempts_before_locked"`
	MaxLoginSessionSeconds    int64        `json:"max_login_session_seconds"`
	MaxAPIKeyLifetimeSeconds  *int64       `json:"max_api_key_lifetime_seconds"` // null: keys need not expire
	LoginMethods              LoginMethods `json:"login_methods"`
	Alias                     *string      `json:"alias"`
}

// LoginMethods are the ways in which users may sign in.
type LoginMethods struct {
	Password  bool `json:"password"`
	MagicCode bool `json:"magic_code"`
	OAuth2    bool `json:"oauth2"`
	SAML      bool `json:"saml"`
}

// ReplaceSecuritySettingsRequest replaces the settings; each must be there.
type ReplaceSecuritySettingsRequest struct {
	EnforcePasswordRenewal    *bool           `json:"enforce_password_renewal"`
	GracePeriodSeconds        *int64          `json:"grace_period_seconds"`
	LoginAttemptsBeforeLocked *int64          `json:"login_attempts_before_locked"`
	MaxLoginSessionSeconds    *int64          `json:"max_login_session_seconds"`
	MaxAPIKeyLifetimeSeconds  Optional[int64] `json:"max_api_key_lifetime_seconds,omitzero"`
}

// ReplaceLoginMethodsRequest replaces the ways of signing in; each must be there.
type ReplaceLoginMethodsRequest struct {
	Password  *bool `json:"password"`
	MagicCode *bool `json:"magic_code"`
	OAuth2    *bool `json:"oauth2"`
	SAML      *bool `json:"saml"`
}

// SetAliasRequest gives the organization a short name, once and for all.
type SetAliasRequest struct {
	Alias string `json:"alias"`
}

// SecuritySettingsAnswer is the settings.
type SecuritySettingsAnswer struct {
	SecuritySettings SecuritySettings `json:"security_settings"`
	Revision         Revision         `json:"revision,omitzero"` // after a write
}
