package iam

// OwnerPolicy is the managed policy with which an organization's owner acts: it allows everything, and it is the only
// one, so that no attached policy can lock the owner out. It is in no list and cannot be attached.
var OwnerPolicy = PolicyID{UUID{6: 0x70, 8: 0x80, 15: 0x01}}

// OwnerPolicyName is what explanations call OwnerPolicy.
const OwnerPolicyName = "Owner"
